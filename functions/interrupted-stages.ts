import { createDynamoDb } from "./clients/dynamodb.ts";
import { createGlueJobRuns } from "./clients/glue.ts";
import { createLambda } from "./clients/lambda.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { createExecutions } from "./clients/step-functions.ts";
import { jsonFrom, once } from "./lib/environment.ts";
import { createInterruptionHandler } from "./lib/interruption/handle-interruption.ts";
import { replayOf, type ReplayPlan } from "./lib/interruption/replay.ts";
import { stageJobs } from "./lib/interruption/stage-jobs.ts";
import { systemClock, systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { InterruptionDependencies, InterruptionHandler } from "./lib/interruption/handle-interruption.ts";
import type { StageJobsDependencies } from "./lib/interruption/stage-jobs.ts";

/**
 * Takes care of an execution that was aborted, timed out or broken off in a pipeline with stages: stops the runs of all
 * its jobs, and reports it.
 */
export function createHandler(deps: InterruptionDependencies & StageJobsDependencies): InterruptionHandler {
  const plan = once(() => jsonFrom(deps.env, "REPLAY") as ReplayPlan);
  return createInterruptionHandler(
    deps,
    once(() => stageJobs(deps)),
    (change, input) => replayOf(deps.executions, change, input, plan()),
  );
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  executions: createExecutions(),
  glue: createGlueJobRuns(),
  lambda: createLambda(),
  sqs: createSqs(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
  log: systemLog,
});
