import { systemClock } from "../lib/system-clock.ts";
import { systemLog } from "../lib/system-log.ts";
import { createDynamoDb, createTransactions } from "./dynamodb.ts";
import { createS3 } from "./s3.ts";
import { createSns } from "./sns.ts";
import { createSqs } from "./sqs.ts";
import { createPatientStepFunctions } from "./step-functions.ts";
import type { QueuedDependencies } from "../lib/queued/context.ts";

/** What both functions of queued dispatch have in Lambda. */
export function queuedClients(): QueuedDependencies {
  const stepFunctions = createPatientStepFunctions();
  return {
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
  };
}
