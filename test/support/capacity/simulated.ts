import { simulateCapacity } from "../../../local/capacity/simulate.ts";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import type { DurationModel, Quotas, Workload } from "../../../local/capacity/workload.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";

/** An account that AWS refuses nothing. */
export const unlimited: Quotas = {
  startExecutionBucket: 1e9,
  startExecutionPerSecond: 1e9,
  transitionBucket: 1e9,
  transitionsPerSecond: 1e9,
  lambdaConcurrency: 1e9,
  glueRunsPerAccount: 1e9,
  glueRunsPerJob: 1e9,
  startJobRunPerSecond: 1e9,
  getJobRunPerSecond: 1e9,
};

/** Nothing takes time but what the program and the workload say. */
export const noTime = { notification: 0, lambda: 0, lambdaPerFile: 0, event: 0 } as const;

/** One file of a megabyte, whose run takes a minute after ten seconds of start-up. */
export const aWorkload = (given: Partial<Workload> = {}): Workload => ({
  files: 1,
  overSeconds: 0,
  arrival: { kind: "even" },
  size: { kind: "fixed", bytes: 1_000_000 },
  duration: aDuration(),
  seed: 1,
  ...given,
});

export const aDuration = (given: Partial<DurationModel> = {}): DurationModel => ({
  fixed: 60,
  perFile: 0,
  perMiB: 0,
  sigma: 0,
  startUp: 10,
  failureRate: 0,
  ...given,
});

/** Simulates where nothing is refused and nothing takes time, unless it is said. */
export const simulated = (
  graph: ResourceGraph,
  workload: Partial<Workload>,
  quotas: Partial<Quotas> = {},
  assumed: Partial<Record<keyof typeof noTime, number>> = {},
): Promise<CapacityResult> =>
  simulateCapacity(graph, aWorkload(workload), { ...unlimited, ...quotas }, { assumed: { ...noTime, ...assumed } });

/** Seconds of a phase, a mean over files. */
export const meanOf = ({ phases }: CapacityResult, name: CapacityResult["phases"][number]["name"]): number =>
  phases.find((phase) => phase.name === name)?.mean ?? Number.NaN;
