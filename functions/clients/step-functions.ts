import { GetExecutionHistoryCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { once } from "../lib/environment.ts";
import type { Executions, StepFunctions } from "../lib/aws.ts";

/** Step Functions by way of the SDK. */
export function createStepFunctions(makeClient = (): SFNClient => new SFNClient()): StepFunctions {
  const client = once(makeClient);
  return { startExecution: (input) => client().send(new StartExecutionCommand(input)) };
}

/** The executions of Step Functions by way of the SDK. */
export function createExecutions(makeClient = (): SFNClient => new SFNClient()): Executions {
  const client = once(makeClient);
  return { getExecutionHistory: (input) => client().send(new GetExecutionHistoryCommand(input)) };
}
