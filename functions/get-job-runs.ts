import type { GetJobRunsRequest, GetJobRunsResponse } from "@aws-sdk/client-glue";
import { createDynamoDb } from "./clients/dynamodb.ts";
import { createLambda } from "./clients/lambda.ts";
import { once } from "./lib/environment.ts";
import { reportingLikeStepFunctions } from "./lib/glue-error.ts";
import { toJson } from "./lib/json.ts";
import { createSimulatedGlue } from "./lib/simulated-glue.ts";
import { systemClock } from "./lib/system-clock.ts";
import type { Json } from "./lib/json.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type Handler = (event: GetJobRunsRequest) => Promise<Json<GetJobRunsResponse>>;

/** Lists simulated runs: takes and gives what Glue's GetJobRuns does, and fails with the errors it has. */
export function createHandler(deps: SimulatedGlueDependencies): Handler {
  const glue = once(() => createSimulatedGlue(deps));
  return (event) => reportingLikeStepFunctions(async () => toJson(await glue().getJobRuns(event)));
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  env: process.env,
  now: systemClock,
});
