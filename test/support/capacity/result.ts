import type { CapacityResult, PhaseName, SampledExecution, Series } from "../../../local/capacity/result.ts";

const STEPS = 288;
const STEP_SECONDS = 330;

/** A day's waves, as a day's files come: a share from 0 to 1. */
const wave = (index: number): number => 0.5 - 0.5 * Math.cos((index / STEPS) * 4 * Math.PI);

const seriesOf = (value: (index: number) => number): readonly number[] =>
  Array.from({ length: STEPS }, (_, index) => Math.round(value(index)));

const series: Series = {
  stepSeconds: STEP_SECONDS,
  arrivals: seriesOf((index) => (index < 262 ? 3800 + 600 * wave(index) : 0)),
  ends: seriesOf((index) => (index < 280 ? 3700 + 500 * wave(index - 6) : 0)),
  throttles: seriesOf((index) => (wave(index) > 0.8 ? 90 * wave(index) : 0)),
  queuedFiles: seriesOf((index) => 900 + 4200 * wave(index) ** 2),
  waitingForRun: seriesOf((index) => Math.max(0, 30 * wave(index) - 12)),
  executions: seriesOf((index) => 22 + 46 * wave(index)),
  jobRuns: seriesOf((index) => Math.min(50, 20 + 44 * wave(index))),
};

const PHASES: readonly (readonly [PhaseName, number, number])[] = [
  ["batching", 29.6, 57.1],
  ["queued", 4.1, 12],
  ["dispatching", 0.9, 1.4],
  ["waiting for a run", 41.2, 170.5],
  ["starting up", 25, 25],
  ["running", 220.4, 301.8],
  ["noticing the end", 6.7, 14.9],
  ["retrying", 3.2, 0],
  ["other steps", 0.4, 0.6],
];

const mean = PHASES.reduce((sum, [, seconds]) => sum + seconds, 0);

const BOUNDS = [60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 420, 480, 600, 900, 1260];
const COUNTS = [
  0, 0, 4100, 21_300, 60_200, 118_400, 171_900, 186_200, 150_800, 109_600, 73_400, 58_800, 26_100, 13_500, 4700, 1000,
];

const sampled: readonly SampledExecution[] = Array.from({ length: 16 }, (_, index) => {
  const arrivedAt = 300 + index * 5400;
  const stretch = 0.7 + (index % 5) * 0.2;
  let at = arrivedAt;
  const spans = PHASES.filter(([name]) => name !== "retrying" || index === 9).map(([name, seconds]) => {
    const from = at;
    at += seconds * stretch * (name === "retrying" ? 20 : 1);
    return { name, from, to: at };
  });
  return {
    name: `batch-${(index * 7919 + 4096).toString(16).padStart(8, "0")}${"5eed".repeat(14)}`,
    files: 640 + ((index * 61) % 360),
    arrivedAt,
    endedAt: at,
    outcome: index === 9 ? "failed" : "succeeded",
    spans,
  };
});

/** What a simulation might find: by hand, the same each time. */
export const aResult = (overrides: Partial<CapacityResult> = {}): CapacityResult => ({
  scenario: {
    stack: "prod",
    program: "glue-pipeline",
    files: 1_000_000,
    overSeconds: 86_400,
    arrival: "at random",
    size: "1 MiB each",
    duration: "20 s + 0.2 s a file a run, 25 s to start up",
    settings: { dispatch: "batch", completion: "event" },
    seed: 1,
  },
  outcomes: { succeeded: 999_120, failed: 880, rejected: 0, unfinished: 0 },
  failures: [{ error: "JobRun.FAILED", files: 880 }],
  executions: 1412,
  jobRuns: 1436,
  elapsedSeconds: 86_912,
  latency: { mean, min: 96.2, p50: 262.4, p90: 411.7, p95: 488.3, p99: 771.9, max: 1243.5 },
  phases: PHASES.map(([name, seconds, p95]) => ({ name, mean: seconds, p95, share: seconds / mean })),
  peaks: { executions: 68, jobRuns: 50, queuedFiles: 5100, waitingForRun: 18, lambda: 6 },
  throttles: [
    { service: "Glue", error: "Glue.ConcurrentRunsExceededException", count: 412 },
    { service: "Step Functions", error: "ThrottlingException", count: 3 },
  ],
  retries: 436,
  transitions: 19_768,
  historyEvents: { mean: 41.3, max: 77, limit: 25_000 },
  cost: {
    total: 51.83,
    perThousandFiles: 0.05183,
    services: { Glue: 47.61, "Step Functions": 0.49, Lambda: 0.21, SQS: 0.8, S3: 1.47, DynamoDB: 1.25, SNS: 0 },
    assumptions: ["Prices of us-east-1, without free tiers", "A function's call is billed 100 ms"],
  },
  bottleneck: {
    resource: "concurrent runs of csv-job",
    saturated: 0.31,
    setting: { key: "maxConcurrentRuns", now: "50", atLeast: "68" },
    advice: "Raise maxConcurrentRuns to 68 or more: at peaks 18 executions wait for a run.",
  },
  series,
  histogram: { bounds: BOUNDS, counts: COUNTS },
  sampled,
  ...overrides,
});

/** What a text from outside might try on a page or a terminal. */
export const HOSTILE = `"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>&amp;\u001b[31m`;

export const aHostileResult = (): CapacityResult => {
  const result = aResult();
  return {
    ...result,
    scenario: {
      ...result.scenario,
      stack: HOSTILE,
      program: HOSTILE,
      arrival: HOSTILE,
      settings: { [HOSTILE]: HOSTILE },
    },
    throttles: [{ service: HOSTILE, error: HOSTILE, count: 1 }],
    cost: { ...result.cost, services: { [HOSTILE]: 1, ...result.cost.services }, assumptions: [HOSTILE] },
    bottleneck: {
      resource: HOSTILE,
      saturated: 1,
      setting: { key: HOSTILE, now: HOSTILE, atLeast: HOSTILE },
      advice: HOSTILE,
    },
    sampled: result.sampled.map((execution) => ({ ...execution, name: HOSTILE, outcome: HOSTILE })),
  };
};
