import { NumberQueue } from "./number-queue.ts";
import type { CapacityJob } from "./program.ts";
import type { RunPlans } from "./run-plans.ts";
import { Saturation } from "./saturation.ts";

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
  /** Runs that have had a place. */
  begun: number;
  /** Milliseconds for which they hold it if nobody stops them, all together. */
  held: number;
  readonly full: Saturation;
}

export const unused = (job: CapacityJob, plans: RunPlans, mostPlaces: number): JobUsage => ({
  job,
  plans,
  waiting: new NumberQueue(),
  waitingCount: 0,
  places: Math.min(job.definition.MaxConcurrentRuns, mostPlaces),
  used: 0,
  runs: 0,
  billedSeconds: 0,
  begun: 0,
  held: 0,
  full: new Saturation(),
});

/** A minute at the least; a run that has not begun to work, and has not succeeded, is free. */
export const billed = (job: CapacityJob, seconds: number, hasSucceeded: boolean): number => {
  if (billsByDpuSeconds(job) || (seconds === 0 && !hasSucceeded)) return seconds;
  return Math.max(60, seconds);
};

/** FLEX and auto-scaled runs are billed by the DPU-seconds that Glue reports, without a minimum. */
export const billsByDpuSeconds = ({ definition }: CapacityJob): boolean =>
  definition.ExecutionClass === "FLEX" || definition.DefaultArguments["--enable-auto-scaling"] === "true";
