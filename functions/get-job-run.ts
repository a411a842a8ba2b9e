import type { GetJobRunRequest, GetJobRunResponse } from "@aws-sdk/client-glue";
import { createDynamoDb } from "./clients/dynamodb.ts";
import { createLambda } from "./clients/lambda.ts";
import { once } from "./lib/environment.ts";
import { reportingLikeStepFunctions } from "./lib/glue-error.ts";
import { toJson } from "./lib/json.ts";
import { createSimulatedGlue } from "./lib/simulated-glue.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { Json } from "./lib/json.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type GetDependencies = SimulatedGlueDependencies & Pick<Dependencies, "log">;
type Handler = (event: GetJobRunRequest) => Promise<Json<GetJobRunResponse>>;

/**
 * Tells how a simulated run is: takes and gives what Glue's GetJobRun does, and fails with the errors it has. The first
 * look after a run's end has the work done, if the job has a stand-in.
 */
export function createHandler(deps: GetDependencies): Handler {
  const glue = once(() => createSimulatedGlue(deps));
  return (event) =>
    reportingLikeStepFunctions(async () => {
      const answer = await glue().getJobRun(event);
      const { JobName, RunId: JobRunId } = event;
      deps.log({ level: "INFO", message: "looked", JobName, JobRunId, JobRunState: answer.JobRun?.JobRunState });
      return toJson(answer);
    });
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  lambda: createLambda(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});
