import type { ExecutionClass, JobRunState, WorkerType } from "@aws-sdk/client-glue";
import type { Command } from "./workers.ts";

/** What a job run inherits from its job, under Glue's own names. */
export interface JobDefinition {
  readonly Name: string;
  readonly GlueVersion: string;
  /** Not of a Python shell job. */
  readonly WorkerType?: WorkerType;
  readonly NumberOfWorkers?: number;
  /** Minutes. */
  readonly Timeout: number;
  readonly MaxConcurrentRuns: number;
  readonly JobRunQueuingEnabled: boolean;
  readonly DefaultArguments: Readonly<Record<string, string>>;
  /** What a run cannot override. */
  readonly NonOverridableArguments?: Readonly<Record<string, string>>;
  /** The kind of job: Spark ETL unless given. */
  readonly Command?: Command;
  /** Of a Python shell job, which has no workers: 0.0625 or 1. */
  readonly MaxCapacity?: number;
  readonly ExecutionClass?: ExecutionClass;
  readonly SecurityConfiguration?: string;
  /** Minutes, of runs that do not say otherwise. */
  readonly NotifyDelayAfter?: number;
  /** Of a streaming job. */
  readonly MaintenanceWindow?: string;
}

/** What Glue takes as a maintenance window: a day and an hour, in UTC. */
export const windowPattern = /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]?[0-9]|2[0-3])$/;

/** How simulated job runs behave. */
export interface Simulation {
  /** Same seed, same calls: same runs. */
  readonly seed: number;
  /** Seconds in STARTING before the script runs. */
  readonly startUpSeconds: number;
  /** Seconds in RUNNING, whatever the input's size. */
  readonly durationSeconds: number;
  /** Seconds in RUNNING for each MiB of input, on top of `durationSeconds`. */
  readonly secondsPerMiB: number;
  /** Share of runs that end FAILED, from 0 to 1. */
  readonly failureRate: number;
  /** Each is tried in order; the first whose `match` fits decides. */
  readonly scenarios: readonly Scenario[];
  /**
   * Whether a run takes as long as its work does and ends as that ends: for work that is the job's real script. Its work
   * is done when it comes to RUNNING, and `durationSeconds` counts no more.
   */
  readonly measured?: boolean;
}

/** A final state a run can be made to end in. */
export type FinalState = Extract<JobRunState, "SUCCEEDED" | "FAILED" | "TIMEOUT" | "ERROR" | "STOPPED" | "EXPIRED">;

/** An injected fault: what StartJobRun returns or throws for the keys that match. */
export type Scenario = {
  /** Glob over the run's `--key` argument; `*` stands for any text. */
  readonly match: string;
  /** Only runs of this stage, as their `--stage` argument has it. @default all */
  readonly stage?: string;
  /** Glob over the run's `--execution_name` argument, so that a replay can end otherwise. @default all */
  readonly execution?: string;
  /** Only these attempts (the run's `--attempt` argument, from 1); all of them unless given. */
  readonly attempts?: readonly number[];
} & (
  | { readonly Return: { readonly JobRunState: FinalState; readonly ErrorMessage?: string } }
  | { readonly Throw: { readonly Error: string; readonly Cause?: string } }
);
