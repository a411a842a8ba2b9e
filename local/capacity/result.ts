/** What a capacity simulation found. Times are seconds, money US dollars; JSON through and through. */
export interface CapacityResult {
  /** What was simulated, for people: stack, program, workload, settings that were set. */
  readonly scenario: {
    readonly stack: string;
    readonly program: string;
    readonly files: number;
    readonly overSeconds: number;
    readonly arrival: string;
    readonly size: string;
    readonly duration: string;
    readonly settings: Readonly<Record<string, string>>;
    /** Those of AWS's quotas that were given. */
    readonly quotas?: Readonly<Record<string, number>>;
    readonly seed: number;
  };
  readonly outcomes: Readonly<Record<"succeeded" | "failed" | "rejected" | "unfinished", number>> & {
    /** Versions that a newer one of their key came before; left out where there are none. */
    readonly superseded?: number;
  };
  /** Why files failed: errors as Step Functions names them, the most frequent first. */
  readonly failures: readonly { readonly error: string; readonly files: number }[];
  readonly executions: number;
  readonly jobRuns: number;
  /** Seconds from the first arrival to the last end. */
  readonly elapsedSeconds: number;
  /** From a file's arrival to its end. */
  readonly latency: Distribution;
  /** Where the time went, a mean over files; they add up to the mean latency. */
  readonly phases: readonly Phase[];
  readonly peaks: {
    readonly executions: number;
    readonly jobRuns: number;
    /** Files in the arrival queue or waiting for an execution. */
    readonly queuedFiles: number;
    /** Executions whose run has not found a place. */
    readonly waitingForRun: number;
    readonly lambda: number;
  };
  readonly throttles: readonly { readonly service: string; readonly error: string; readonly count: number }[];
  readonly retries: number;
  readonly transitions: number;
  readonly historyEvents: { readonly mean: number; readonly max: number; readonly limit: number };
  readonly cost: {
    readonly total: number;
    readonly perThousandFiles: number;
    readonly services: Readonly<Record<string, number>>;
    /** What the figures rest on, in words. */
    readonly assumptions: readonly string[];
  };
  readonly bottleneck: Bottleneck | undefined;
  readonly series: Series;
  /** Latencies: counts[i] files took less than bounds[i] seconds, and bounds[i - 1] or more. */
  readonly histogram: { readonly bounds: readonly number[]; readonly counts: readonly number[] };
  /** A few executions, from all over the time. */
  readonly sampled: readonly SampledExecution[];
}

/** Mean, least and greatest are exact; the quantiles are off by 0.4 % at the most. */
export interface Distribution {
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** In the order in which a file goes through them. */
export type PhaseName =
  | "batching"
  | "queued"
  | "dispatching"
  | "waiting for a run"
  | "starting up"
  | "running"
  | "noticing the end"
  | "retrying"
  | "other steps";

export interface Phase {
  readonly name: PhaseName;
  readonly mean: number;
  readonly p95: number;
  /** Of the mean latency, 0 to 1. */
  readonly share: number;
}

/** What held files up the longest. */
export interface Bottleneck {
  /** For people, for example "concurrent runs of csv-job". */
  readonly resource: string;
  /** The share of the time during which it was used up, 0 to 1. */
  readonly saturated: number;
  /** The config key that would move it, and what it is now; absent where it is a quota of AWS. */
  readonly setting?: { readonly key: string; readonly now: string; readonly atLeast?: string };
  readonly quota?: { readonly name: string; readonly now: number; readonly atLeast?: number };
  /** One sentence: what to do. */
  readonly advice: string;
}

/** One value for each step of time; all lists are equally long, at most 600. */
export interface Series {
  readonly stepSeconds: number;
  /** Sums over the step. */
  readonly arrivals: readonly number[];
  readonly ends: readonly number[];
  readonly throttles: readonly number[];
  /** The highest value in the step. */
  readonly queuedFiles: readonly number[];
  readonly waitingForRun: readonly number[];
  readonly executions: readonly number[];
  readonly jobRuns: readonly number[];
}

export interface SampledExecution {
  readonly name: string;
  readonly files: number;
  /** Of its first file, in seconds from the start. */
  readonly arrivedAt: number;
  readonly endedAt: number;
  readonly outcome: string;
  readonly spans: readonly { readonly name: PhaseName; readonly from: number; readonly to: number }[];
}
