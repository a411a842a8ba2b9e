import { EventHeap } from "./event-heap.ts";
import type { Flow } from "./flow.ts";
import { GlueRuns } from "./glue-runs.ts";
import { LambdaPool } from "./lambda-pool.ts";
import type { CapacityProgram } from "./program.ts";
import type { Random, Stream } from "./random.ts";
import { noRequests } from "./requests.ts";
import { Tally } from "./tally.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { Quotas, Workload } from "./workload.ts";
import { type AssumedTimes, assumedTimes, type CapacityWorld } from "./world.ts";

interface WorldParts {
  readonly program: CapacityProgram;
  readonly flow: Flow;
  readonly workload: Workload;
  readonly quotas: Quotas;
  readonly assumed: Partial<AssumedTimes> | undefined;
  readonly random: (stream: Stream) => Random;
}

/** The world of a simulation in which nothing has happened yet. */
export const createWorld = ({ program, flow, workload, quotas, assumed, random }: WorldParts): CapacityWorld => {
  const heap = new EventHeap();
  const tally = new Tally();
  const delays = random("delays");
  return {
    program,
    quotas,
    flow,
    heap,
    tally,
    runs: new GlueRuns({
      jobs: program.jobs,
      quotas,
      model: workload.duration,
      heap,
      tally,
      durations: random("durations"),
      failures: random("failures"),
      delays,
    }),
    lambda: new LambdaPool(quotas.lambdaConcurrency, tally),
    requests: noRequests(),
    delays,
    assumed: { ...assumedTimes, ...assumed },
    buckets: {
      startExecution: new TokenBucket(quotas.startExecutionBucket, quotas.startExecutionPerSecond),
      transitions: new TokenBucket(quotas.transitionBucket, quotas.transitionsPerSecond),
      startJobRun: new TokenBucket(quotas.startJobRunPerSecond, quotas.startJobRunPerSecond),
      getJobRun: new TokenBucket(quotas.getJobRunPerSecond, quotas.getJobRunPerSecond),
    },
  };
};
