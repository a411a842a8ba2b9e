import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { once } from "../lib/environment.ts";
import type { StepFunctions } from "../lib/aws.ts";

/** Step Functions by way of the SDK. */
export function createStepFunctions(makeClient = (): SFNClient => new SFNClient()): StepFunctions {
  const client = once(makeClient);
  return { startExecution: (input) => client().send(new StartExecutionCommand(input)) };
}
