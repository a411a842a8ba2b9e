import type { NumberQueue } from "./number-queue.ts";
import type { CapacityJob } from "./program.ts";
import type { RunPlans } from "./run-plans.ts";
import type { Saturation } from "./saturation.ts";

/** What is known of a job's runs. */
export interface JobUsage {
  readonly job: CapacityJob;
  readonly plans: RunPlans;
  readonly waiting: NumberQueue;
  /** Runs that wait: those in the queue less those that were stopped. */
  waitingCount: number;
  readonly places: number;
  used: number;
  runs: number;
  /** As billed: seconds of runs, each rounded as Glue does. */
  billedSeconds: number;
  /** Milliseconds for which places were held, all together. */
  held: number;
  readonly full: Saturation;
}

/** FLEX and auto-scaled runs are billed by the DPU-seconds that Glue reports, without a minimum. */
export const billsByDpuSeconds = ({ definition }: CapacityJob): boolean =>
  definition.ExecutionClass === "FLEX" || definition.DefaultArguments["--enable-auto-scaling"] === "true";
