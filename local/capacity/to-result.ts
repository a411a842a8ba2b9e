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
  /** Versions of a key are taken on one after the other. */
  readonly isOrdered: boolean;
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
    outcomes: outcomesOf(tally),
    failures: [...tally.failures].map(([error, files]) => ({ error, files })).toSorted((a, b) => b.files - a.files),
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
    cost: withKeys(billOf(world, expressMs), parts),
    bottleneck,
    series: course.toSeries(),
    histogram: tally.latency.bars(barsPerDoubling, 1 / 1000),
    sampled: tally.samples.filter(({ isPart }) => !isPart).map((sample) => told(sample, tally.lastEnd)),
  };
};

/** Where an order of versions is kept and nobody has said that files have keys in common, and the other way round. */
const withKeys = (cost: CapacityResult["cost"], { isOrdered, workload }: ResultParts): CapacityResult["cost"] => {
  const { arrival, keys } = workload;
  const isSaid = keys !== undefined || (arrival.kind === "trace" && arrival.keys !== undefined);
  if (isOrdered !== isSaid) {
    const told = isOrdered
      ? "each file has a key of its own: no version waits for another"
      : "keys make no difference: no order of their versions is kept without fileOrder: per-key";
    return { ...cost, assumptions: [...cost.assumptions, told] };
  }
  return cost;
};

const outcomesOf = ({ outcomes, arrived, ended }: CapacityWorld["tally"]): CapacityResult["outcomes"] => {
  const { superseded, ...always } = outcomes;
  return { ...always, unfinished: arrived - ended, ...(superseded > 0 && { superseded }) };
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

const told = ({ name, files, outcome, spans, arrivedAt, endedAt }: Sample, lastEnd: number): SampledExecution => ({
  name,
  files,
  outcome,
  spans,
  arrivedAt: arrivedAt / 1000,
  endedAt: (Number.isNaN(endedAt) ? lastEnd : endedAt) / 1000,
});
