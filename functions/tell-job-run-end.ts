import { createDynamoDb } from "./clients/dynamodb.ts";
import { createEvents } from "./clients/events.ts";
import { createLambda } from "./clients/lambda.ts";
import { createSqs } from "./clients/sqs.ts";
import { once, required } from "./lib/environment.ts";
import { endOfJobRun, jobStateChange, simulationSource, type JobRunEnd } from "./lib/job-run-end.ts";
import { describeRun, isSettled, seenToEndAt } from "./lib/job-run.ts";
import { isRecord } from "./lib/json.ts";
import { createSimulatedGlue } from "./lib/simulated-glue.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { Glue } from "./lib/glue.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type TellDependencies = SimulatedGlueDependencies & Pick<Dependencies, "sqs" | "events" | "log">;

interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface NamedRun {
  readonly JobName: string;
  readonly JobRunId: string;
}

/** The longest that SQS keeps a message back, in seconds. */
const longestDelay = 900;

/**
 * Tells of the ends of simulated runs as Glue does. A message names a run; while that goes on, another is sent for when it
 * is to end, or for as late as a message can be. A run that was stopped is seen to have ended when its message comes.
 */
export function createHandler(deps: TellDependencies): (event: QueueEvent) => Promise<BatchAnswer> {
  const glue = once(() => createSimulatedGlue(deps));
  return async ({ Records }) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        await look(deps, glue(), runIn(body));
      } catch (error) {
        deps.log({ level: "ERROR", message: "left in the queue", body, error: String(error) });
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  sqs: createSqs(),
  events: createEvents(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});

function runIn(body: string): NamedRun {
  const named: unknown = JSON.parse(body);
  if (isRecord(named) && typeof named.JobName === "string" && typeof named.JobRunId === "string") {
    return { JobName: named.JobName, JobRunId: named.JobRunId };
  }
  throw new Error(`The message must be {"JobName", "JobRunId"}, got ${body}`);
}

async function look({ sqs, events, env, log }: TellDependencies, glue: Glue, named: NamedRun): Promise<void> {
  const { run, at } = await glue.look({ JobName: named.JobName, RunId: named.JobRunId });
  const told = describeRun(run, at);
  const { JobRunState } = told;
  log({ level: "INFO", message: "looked", ...named, JobRunState });
  if (JobRunState === undefined || !isSettled(JobRunState)) {
    const seconds = Math.ceil((seenToEndAt(run) - at) / 1000);
    await sqs.sendMessage({
      QueueUrl: required(env, "RUN_ENDS_QUEUE_URL"),
      MessageBody: JSON.stringify(named),
      DelaySeconds: Math.min(longestDelay, Math.max(1, seconds)),
    });
    return;
  }
  const end = endOfJobRun(told);
  if (end !== undefined) await put(events, end);
}

async function put(events: Dependencies["events"], end: JobRunEnd): Promise<void> {
  const entry = { Source: simulationSource, DetailType: jobStateChange, Detail: JSON.stringify(end) };
  const { FailedEntryCount = 0, Entries = [] } = await events.putEvents({ Entries: [entry] });
  if (FailedEntryCount === 0) return;
  const { ErrorCode = "", ErrorMessage = "" } = Entries[0] ?? {};
  throw new Error(`The event of ${end.jobRunId} was not taken: ${ErrorCode}: ${ErrorMessage}`);
}
