import type { BatchStopJobRunRequest, BatchStopJobRunResponse } from "@aws-sdk/client-glue";
import { createDynamoDb } from "./clients/dynamodb.ts";
import { once } from "./lib/environment.ts";
import { reportingLikeStepFunctions } from "./lib/glue-error.ts";
import { createSimulatedGlue, withoutWork } from "./lib/simulated-glue.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { SimulatedGlueDependencies } from "./lib/simulated-glue.ts";

type StopDependencies = Omit<SimulatedGlueDependencies, "lambda"> & Pick<Dependencies, "log">;
type Handler = (event: BatchStopJobRunRequest) => Promise<BatchStopJobRunResponse>;

/** Stops simulated runs: takes and gives what Glue's BatchStopJobRun does, and fails with the errors it has. */
export function createHandler(deps: StopDependencies): Handler {
  const glue = once(() => createSimulatedGlue({ ...deps, lambda: withoutWork }));
  return (event) =>
    reportingLikeStepFunctions(async () => {
      const answer = await glue().batchStopJobRun(event);
      deps.log({ level: "INFO", message: "stopped", JobName: event.JobName, ...answer });
      return answer;
    });
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});
