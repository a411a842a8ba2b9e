import type { EventHeap } from "./event-heap.ts";
import type { Flow } from "./flow.ts";
import type { GlueRuns } from "./glue-runs.ts";
import type { LambdaPool } from "./lambda-pool.ts";
import type { CapacityProgram } from "./program.ts";
import type { Random } from "./random.ts";
import type { Requests } from "./requests.ts";
import type { Tally } from "./tally.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type { Quotas } from "./workload.ts";

/** Times that AWS does not promise and that a program does not say. Seconds. */
export interface AssumedTimes {
  /** From a file's landing to its notification. S3: usually seconds (D). */
  readonly notification: number;
  /** A function's call, besides what it waits for. */
  readonly lambda: number;
  /** What a queued dispatcher takes on top for each file. */
  readonly lambdaPerFile: number;
  /** From a run's end to the function that hears of it. */
  readonly event: number;
}

export const assumedTimes: AssumedTimes = Object.freeze({
  notification: 1,
  lambda: 0.1,
  lambdaPerFile: 0.002,
  event: 1,
});

/** What the parts of a simulation share. */
export interface CapacityWorld {
  readonly program: CapacityProgram;
  readonly quotas: Quotas;
  readonly flow: Flow;
  readonly heap: EventHeap;
  readonly tally: Tally;
  readonly runs: GlueRuns;
  readonly lambda: LambdaPool;
  readonly requests: Requests;
  /** For jitter. */
  readonly delays: Random;
  readonly assumed: AssumedTimes;
  readonly buckets: {
    readonly startExecution: TokenBucket;
    readonly transitions: TokenBucket;
    readonly startJobRun: TokenBucket;
    readonly getJobRun: TokenBucket;
  };
}
