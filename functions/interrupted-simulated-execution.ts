import { createDynamoDb } from "./clients/dynamodb.ts";
import { createLambda } from "./clients/lambda.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { createExecutions } from "./clients/step-functions.ts";
import { once, required } from "./lib/environment.ts";
import { createInterruptionHandler } from "./lib/interruption/handle-interruption.ts";
import { createSimulatedGlue } from "./lib/simulated-glue.ts";
import { systemClock, systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { InterruptionDependencies, InterruptionHandler } from "./lib/interruption/handle-interruption.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

/** Takes care of an execution that was aborted, timed out or broken off: stops its simulated runs, and reports it. */
export function createHandler(deps: InterruptionDependencies & SimulatedGlueDependencies): InterruptionHandler {
  return createInterruptionHandler(
    deps,
    once(() => [{ jobName: required(deps.env, "JOB_NAME"), glue: createSimulatedGlue(deps) }]),
  );
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  executions: createExecutions(),
  sqs: createSqs(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
  log: systemLog,
});
