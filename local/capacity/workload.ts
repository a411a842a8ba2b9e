/** When files land and how large they are. */
export interface Workload {
  readonly files: number;
  /** Seconds over which they land. */
  readonly overSeconds: number;
  readonly arrival: Arrival;
  readonly size: Size;
  /** Files are versions of so many keys, at random, unless a trace says of which; undefined: each has a key of its own. */
  readonly keys?: number;
  readonly duration: DurationModel | undefined;
  readonly seed: number;
}

/** `even`: at equal distances; `burst`: all at once at the start of each of so many equal parts of the time. */
export type Arrival =
  | { readonly kind: "even" }
  | { readonly kind: "poisson" }
  | { readonly kind: "burst"; readonly bursts: number }
  /** Seconds from the start, ascending; with bytes, and the numbers of keys from 0, where the trace tells them. */
  | { readonly kind: "trace"; readonly at: Float64Array; readonly bytes?: Float64Array; readonly keys?: Int32Array };

export type Size =
  | { readonly kind: "fixed"; readonly bytes: number }
  /** Of the underlying normal distribution: the median is `medianBytes`. */
  | { readonly kind: "lognormal"; readonly medianBytes: number; readonly sigma: number }
  | { readonly kind: "trace" };

/** Seconds that a run is RUNNING: `fixed + perFile × files + perMiB × MiB`, times a lognormal factor where `sigma` is not 0. */
export interface DurationModel {
  readonly fixed: number;
  readonly perFile: number;
  readonly perMiB: number;
  readonly sigma: number;
  /** Seconds in STARTING. */
  readonly startUp: number;
  /** Share of runs that end FAILED. */
  readonly failureRate: number;
}

/** What AWS allows an account; all can be raised or lowered with `--quota name=value`. */
export interface Quotas {
  /** StartExecution: a bucket of so many calls, refilled by so many a second. */
  readonly startExecutionBucket: number;
  readonly startExecutionPerSecond: number;
  /** State transitions of all executions. */
  readonly transitionBucket: number;
  readonly transitionsPerSecond: number;
  readonly lambdaConcurrency: number;
  readonly glueRunsPerAccount: number;
  readonly glueRunsPerJob: number;
  /** StartJobRun and GetJobRun, calls a second. */
  readonly startJobRunPerSecond: number;
  readonly getJobRunPerSecond: number;
}
