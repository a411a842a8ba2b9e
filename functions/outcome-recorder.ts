import { createDynamoDb, createTransactions } from "./clients/dynamodb.ts";
import { createS3 } from "./clients/s3.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { createPatientStepFunctions } from "./clients/step-functions.ts";
import { once } from "./lib/environment.ts";
import { queuedContext, withinTime } from "./lib/queued/context.ts";
import { launchWaiting } from "./lib/queued/launch.ts";
import { readOutcomeMessage } from "./lib/queued/outcome-messages.ts";
import { failuresOf } from "./lib/queued/parallel.ts";
import { answerFor } from "./lib/queued/queue-event.ts";
import { followUp, record } from "./lib/queued/record.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { InvocationContext } from "./lib/aws.ts";
import type { QueuedDependencies } from "./lib/queued/context.ts";
import type { BatchAnswer, QueueEvent } from "./lib/queued/queue-event.ts";

/** Of one queue's batch: an outcome takes writes for each file of its execution. */
const messagesAtOnce = 4;

/**
 * Records what executions tell of their end, and looks at those that reminders speak of; then launches what waits for
 * the slots that have become free.
 */
export function createHandler(
  deps: QueuedDependencies,
): (event: QueueEvent, invocation?: InvocationContext) => Promise<BatchAnswer> {
  const created = once(() => queuedContext(deps));
  return async ({ Records }, invocation) => {
    const context = withinTime(created(), invocation);
    const failures = new Map(
      await failuresOf(Records, messagesAtOnce, async ({ body }) => {
        context.requireTime();
        const message = readOutcomeMessage(body);
        if (message.kind === "reminder") await followUp(context, message.reminder);
        else await record(context, message.result);
      }),
    );
    try {
      await launchWaiting(context);
    } catch (error) {
      for (const message of Records) failures.set(message, error);
    }
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
