import type { ResourceGraph } from "../resource-graph.ts";
import { MAX_EXPRESS_EVENTS, MAX_HISTORY_EVENTS } from "../states/limits.ts";
import { billOf } from "./bill.ts";
import type { CapacityResult, SampledExecution } from "./result.ts";
import type { Sample } from "./tally.ts";
import type { Workload } from "./workload.ts";
import type { CapacityWorld } from "./world.ts";

interface ResultParts {
  readonly graph: ResourceGraph;
  readonly workload: Workload;
  readonly world: CapacityWorld;
  /** Billed milliseconds of express executions. */
  readonly expressMs: number;
  readonly bottleneck: CapacityResult["bottleneck"];
}

/** Histograms are told in so many bars for each doubling. */
const barsPerDoubling = 4;

/** What a simulation that has come to its end has found. */
export const toResult = (parts: ResultParts): CapacityResult => {
  const { world, expressMs, bottleneck } = parts;
  const { tally } = world;
  const { course } = tally;
  return {
    scenario: scenarioOf(parts),
    outcomes: { ...tally.outcomes, unfinished: tally.arrived - tally.ended },
    executions: tally.executions,
    jobRuns: tally.jobRuns,
    elapsedSeconds: tally.arrived === 0 ? 0 : Math.max(0, tally.lastEnd - tally.firstArrival) / 1000,
    latency: tally.latency.distribution(1 / 1000),
    phases: tally.toPhases(),
    peaks: {
      executions: course.peak("executions"),
      jobRuns: course.peak("jobRuns"),
      queuedFiles: course.peak("queuedFiles"),
      waitingForRun: course.peak("waitingForRun"),
      lambda: tally.lambdaPeak,
    },
    throttles: [...tally.throttles.values()].map((throttle) => ({ ...throttle })),
    retries: tally.retries,
    transitions: tally.transitions,
    historyEvents: {
      mean: tally.executions === 0 ? 0 : tally.historyEvents / tally.executions,
      max: tally.mostHistoryEvents,
      limit: world.program.machine.type === "EXPRESS" ? MAX_EXPRESS_EVENTS : MAX_HISTORY_EVENTS,
    },
    cost: billOf(world, expressMs),
    bottleneck,
    series: course.toSeries(),
    histogram: tally.latency.bars(barsPerDoubling, 1 / 1000),
    sampled: tally.samples.map((sample) => told(sample, tally.lastEnd)),
  };
};

const scenarioOf = ({ graph, workload, world }: ResultParts): CapacityResult["scenario"] => ({
  stack: graph.stack,
  program: graph.project,
  files: world.tally.arrived,
  overSeconds: workload.overSeconds,
  arrival: arrivalText(workload),
  size: sizeText(workload),
  duration: durationText(world),
  settings: {},
  seed: workload.seed,
});

const arrivalText = ({ arrival }: Workload): string =>
  arrival.kind === "burst" ? `burst:${arrival.bursts}` : arrival.kind;

const sizeText = ({ size }: Workload): string => {
  switch (size.kind) {
    case "fixed":
      return `fixed:${size.bytes}`;
    case "lognormal":
      return `lognormal:${size.medianBytes},${size.sigma}`;
    case "trace":
      return "trace";
  }
};

/** Of the first job: the others have the same model, or each its own simulation. */
const durationText = ({ runs }: CapacityWorld): string => {
  const model = runs.jobs[0]?.plans.model;
  if (model === undefined) return "no job";
  return Object.entries(model)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
};

const told = ({ arrivedAt, endedAt, ...sample }: Sample, lastEnd: number): SampledExecution => ({
  ...sample,
  arrivedAt: arrivedAt / 1000,
  endedAt: (Number.isNaN(endedAt) ? lastEnd : endedAt) / 1000,
});
