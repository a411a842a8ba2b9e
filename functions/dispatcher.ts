import { createStepFunctions } from "./clients/step-functions.ts";
import { dispatchEach } from "./lib/dispatch-each.ts";
import { once, required } from "./lib/environment.ts";
import { executionInput } from "./lib/execution-input.ts";
import { executionName } from "./lib/execution-name.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { DispatchSummary } from "./lib/dispatch-each.ts";
import type { CreatedObject } from "./lib/events.ts";

export type DispatcherDependencies = Pick<Dependencies, "stepFunctions" | "env" | "log">;

interface Target {
  readonly stateMachineArn: string;
  /** Left out where the state machine names its jobs itself. */
  readonly jobName: string | undefined;
}

/**
 * Starts one execution for each object that a notification reports. On redelivery those that went well are found to
 * exist, by the execution's name, and are not started twice.
 */
export function createHandler({ stepFunctions, env, log }: DispatcherDependencies) {
  const target = once(() => ({
    stateMachineArn: required(env, "STATE_MACHINE_ARN"),
    jobName: env.JOB_NAME,
  }));
  return (event: unknown): Promise<DispatchSummary> =>
    dispatchEach(event, (object) => startExecution(stepFunctions, target(), object), log);
}

export const handler = createHandler({
  stepFunctions: createStepFunctions(),
  env: process.env,
  log: systemLog,
});

async function startExecution(
  stepFunctions: Dependencies["stepFunctions"],
  { stateMachineArn, jobName }: Target,
  object: CreatedObject,
): Promise<"started" | "already"> {
  try {
    await stepFunctions.startExecution({
      stateMachineArn,
      name: executionName(object),
      input: JSON.stringify(executionInput(jobName, object)),
    });
    return "started";
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionAlreadyExists") return "already";
    throw error;
  }
}
