import { createDynamoDb, createTransactions } from "./clients/dynamodb.ts";
import { createS3 } from "./clients/s3.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { createPatientStepFunctions } from "./clients/step-functions.ts";
import { once } from "./lib/environment.ts";
import { readArrival } from "./lib/queued/arrivals.ts";
import { queuedContext, withinTime } from "./lib/queued/context.ts";
import { launchWaiting } from "./lib/queued/launch.ts";
import { answerFor } from "./lib/queued/queue-event.ts";
import { take } from "./lib/queued/take.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { InvocationContext } from "./lib/aws.ts";
import type { QueuedDependencies } from "./lib/queued/context.ts";
import type { Request } from "./lib/queued/file-ledger.ts";
import type { BatchAnswer, QueueEvent, QueueMessage } from "./lib/queued/queue-event.ts";

/**
 * Takes on the files that the messages of the arrivals queue speak of, and launches what there is room for. A message is
 * let go once each of its files is safe; all others come back.
 */
export function createHandler(
  deps: QueuedDependencies,
): (event: QueueEvent, invocation?: InvocationContext) => Promise<BatchAnswer> {
  const created = once(() => queuedContext(deps));
  return async ({ Records }, invocation) => {
    const context = withinTime(created(), invocation);
    const failures = new Map<QueueMessage, unknown>();
    const messageOf = new Map<Request, QueueMessage>();
    for (const message of Records) {
      const { files, problems } = readArrival(message.body);
      if (problems.length > 0) failures.set(message, new Error(problems.join("; ")));
      const arrivedAt = Number(message.attributes?.SentTimestamp ?? context.now());
      for (const file of files) messageOf.set({ ...file, arrivedAt }, message);
    }
    const failed = await take(context, [...messageOf.keys()]);
    for (const [request, error] of failed) {
      const message = messageOf.get(request);
      if (message !== undefined) failures.set(message, error);
    }
    try {
      await launchWaiting(context);
    } catch (error) {
      for (const message of Records) failures.set(message, error);
    }
    deps.log({
      level: "INFO",
      message: "dispatched",
      messages: Records.length,
      files: messageOf.size,
      left: failures.size,
    });
    return answerFor(failures, deps.log);
  };
}

const stepFunctions = createPatientStepFunctions();

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  transactions: createTransactions(),
  s3: createS3(),
  stepFunctions,
  executionStatuses: stepFunctions,
  sqs: createSqs(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});
