import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { once } from "../lib/environment.ts";
import type { Executions, ExecutionStatuses, StepFunctions, Tasks } from "../lib/aws.ts";

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

/** Step Functions for whoever starts and follows many executions: it throttles soon, so it is asked patiently. */
export function createPatientStepFunctions(
  makeClient = (): SFNClient => new SFNClient({ maxAttempts: 8 }),
): StepFunctions & ExecutionStatuses {
  const client = once(makeClient);
  return {
    startExecution: (input) => client().send(new StartExecutionCommand(input)),
    describeExecution: (input) => client().send(new DescribeExecutionCommand(input)),
  };
}

/** Tasks that wait for their token, by way of the SDK. Many may end at the same time, so it is asked patiently. */
export function createTasks(makeClient = (): SFNClient => new SFNClient({ maxAttempts: 8 })): Tasks {
  const client = once(makeClient);
  return { sendTaskSuccess: (input) => client().send(new SendTaskSuccessCommand(input)) };
}
