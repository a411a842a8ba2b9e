import { createDynamoDb } from "./clients/dynamodb.ts";
import { createLambda } from "./clients/lambda.ts";
import type { Dependencies } from "./lib/aws.ts";
import { createDynamoJobRunStore } from "./lib/dynamo-job-run-store.ts";
import { jobFrom, once, required } from "./lib/environment.ts";
import { lambdaStandIn } from "./lib/stand-in.ts";
import { feedJob } from "./lib/streaming-runs.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";

/** What of a stream's event is looked at: that there is something to read. The job reads from its own checkpoint. */
interface StreamEvent {
  readonly Records: readonly { readonly kinesis: { readonly sequenceNumber: string } }[];
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

type FeedDependencies = Pick<Dependencies, "dynamoDb" | "lambda" | "env" | "now" | "log">;

/**
 * Has a simulated streaming job read its stream, whenever there is something new. What cannot be read now, because no run
 * of the job is RUNNING or its run has failed, is handed back, so that the mapping comes again.
 */
export function createHandler({
  dynamoDb,
  lambda,
  env,
  now,
  log,
}: FeedDependencies): (event: StreamEvent) => Promise<BatchAnswer> {
  const options = once(() => ({
    job: jobFrom(env),
    store: createDynamoJobRunStore(dynamoDb, required(env, "TABLE_NAME")),
    now,
    standIn: lambdaStandIn(lambda, required(env, "STAND_IN")),
  }));
  return async ({ Records }) => {
    const fed = await feedJob(options());
    log({ level: "INFO", message: "fed", JobName: options().job.Name, fed });
    const [first] = Records;
    const again = fed !== "caught up" && first !== undefined;
    return { batchItemFailures: again ? [{ itemIdentifier: first.kinesis.sequenceNumber }] : [] };
  };
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});
