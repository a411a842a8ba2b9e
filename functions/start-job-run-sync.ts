import type { JobRun, StartJobRunRequest } from "@aws-sdk/client-glue";
import { createDynamoDb } from "./clients/dynamodb.ts";
import { createLambda } from "./clients/lambda.ts";
import { awaitJobRun } from "./lib/await-job-run.ts";
import { once } from "./lib/environment.ts";
import { reportingLikeStepFunctions } from "./lib/glue-error.ts";
import { createSimulatedGlue } from "./lib/simulated-glue.ts";
import { systemClock, systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { Json } from "./lib/json.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type RunDependencies = SimulatedGlueDependencies & Pick<Dependencies, "sleep" | "log">;
type Handler = (event: StartJobRunRequest) => Promise<Json<JobRun>>;

/**
 * Starts a simulated run and answers with the JobRun when it has SUCCEEDED: takes, gives and fails as the task
 * `glue:startJobRun.sync` does.
 */
export function createHandler(deps: RunDependencies): Handler {
  const glue = once(() => createSimulatedGlue(deps));
  return (event) => reportingLikeStepFunctions(() => awaitJobRun({ ...deps, glue: glue() }, event));
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
  log: systemLog,
});
