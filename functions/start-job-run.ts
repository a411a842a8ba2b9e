import type { StartJobRunRequest, StartJobRunResponse } from "@aws-sdk/client-glue";
import { createDynamoDb } from "./clients/dynamodb.ts";
import { once } from "./lib/environment.ts";
import { reportingLikeStepFunctions } from "./lib/glue-error.ts";
import { createSimulatedGlue, withoutWork } from "./lib/simulated-glue.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type StartDependencies = Omit<SimulatedGlueDependencies, "lambda"> & Pick<Dependencies, "log">;
type Handler = (event: StartJobRunRequest) => Promise<StartJobRunResponse>;

/** Starts a simulated run: takes and gives what Glue's StartJobRun does, and fails with the errors it has. */
export function createHandler(deps: StartDependencies): Handler {
  const glue = once(() => createSimulatedGlue({ ...deps, lambda: withoutWork }));
  return (event) =>
    reportingLikeStepFunctions(async () => {
      const answer = await glue().startJobRun(event);
      deps.log({ level: "INFO", message: "started", JobName: event.JobName, JobRunId: answer.JobRunId });
      return answer;
    });
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});
