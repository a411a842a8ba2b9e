import type { KnownWorkerType } from "../../functions/lib/workers.ts";

interface Preset {
  readonly workerType: KnownWorkerType;
  readonly numberOfWorkers: number;
  readonly executionClass?: "FLEX";
  readonly timeoutMinutes?: number;
}

/** Sizes by the kind of work, for those who would rather not choose workers. */
export const workloads = {
  /** Up to some GB. */
  small_etl: { workerType: "G.1X", numberOfWorkers: 2 },
  /** Tens of GB. */
  medium_etl: { workerType: "G.1X", numberOfWorkers: 10 },
  /** Hundreds of GB, wide joins. */
  large_etl: { workerType: "G.2X", numberOfWorkers: 20 },
  /** Large aggregations and caches: twice the memory for each core. */
  memory_intensive: { workerType: "R.2X", numberOfWorkers: 5 },
  /** Work that can wait, on spare capacity, with a short leash. */
  cost: { workerType: "G.1X", numberOfWorkers: 2, executionClass: "FLEX", timeoutMinutes: 30 },
} as const satisfies Readonly<Record<string, Preset>>;

export type Workload = keyof typeof workloads;

export const presetOf = (workload: Workload | undefined): Preset | undefined =>
  // A program in plain JavaScript may name any.
  workload !== undefined && Object.hasOwn(workloads, workload) ? workloads[workload] : undefined;
