import { createDynamoDb } from "./clients/dynamodb.ts";
import { createGlueJobRuns } from "./clients/glue.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { createExecutions } from "./clients/step-functions.ts";
import { required } from "./lib/environment.ts";
import { createInterruptionHandler } from "./lib/interruption/handle-interruption.ts";
import { systemClock, systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { InterruptionDependencies, InterruptionHandler } from "./lib/interruption/handle-interruption.ts";

/** Takes care of an execution that was aborted, timed out or broken off: stops its runs of a Glue job, and reports it. */
export function createHandler(deps: InterruptionDependencies & Pick<Dependencies, "glue">): InterruptionHandler {
  return createInterruptionHandler(deps, () => [{ jobName: required(deps.env, "JOB_NAME"), glue: deps.glue }]);
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  executions: createExecutions(),
  glue: createGlueJobRuns(),
  sqs: createSqs(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
  log: systemLog,
});
