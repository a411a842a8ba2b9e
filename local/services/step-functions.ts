import type {
  GetExecutionHistoryCommandInput,
  ListExecutionsCommandInput,
  ListMapRunsCommandInput,
  SendTaskFailureCommandInput,
  SendTaskHeartbeatCommandInput,
  SendTaskSuccessCommandInput,
  StartExecutionCommandInput,
  StopExecutionCommandInput,
} from "@aws-sdk/client-sfn";
import { machineOfToken } from "../states/task-tokens.ts";
import type { Service } from "./service.ts";
import {
  type OfExecution,
  type OfMachine,
  type OfMapRun,
  StepFunctions,
  type StepFunctionsOptions,
} from "./step-functions-service.ts";
import type { World } from "./world.ts";

/** The Step Functions API over the machines of a program. Throws DefinitionError where one cannot be loaded. */
export function createStepFunctions(world: World, options: StepFunctionsOptions = {}): Service {
  const service = new StepFunctions(world, options);
  const onMachine = (action: string) => (input: OfMachine) => [
    { action: `states:${action}`, resource: input.stateMachineArn },
  ];
  const onExecution = (action: string) => (input: OfExecution) => [
    { action: `states:${action}`, resource: input.executionArn },
  ];
  // A token stands for a task of its machine; what is no token is refused by the operation itself.
  const onToken =
    (action: string) =>
    ({ taskToken = "" }: { readonly taskToken: string | undefined }) => {
      const machine = machineOfToken(taskToken);
      return machine === undefined ? [] : [{ action: `states:${action}`, resource: machine }];
    };
  return {
    operations: {
      sendTaskSuccess: {
        permissions: onToken("SendTaskSuccess"),
        run: (input: SendTaskSuccessCommandInput) => service.tasks.sendSuccess(input),
      },
      sendTaskFailure: {
        permissions: onToken("SendTaskFailure"),
        run: (input: SendTaskFailureCommandInput) => service.tasks.sendFailure(input),
      },
      sendTaskHeartbeat: {
        permissions: onToken("SendTaskHeartbeat"),
        run: (input: SendTaskHeartbeatCommandInput) => service.tasks.sendHeartbeat(input),
      },
      startExecution: {
        permissions: onMachine("StartExecution"),
        run: (input: StartExecutionCommandInput) => service.startExecution(input),
      },
      describeExecution: {
        permissions: onExecution("DescribeExecution"),
        run: (input: OfExecution) => service.describeExecution(input),
      },
      getExecutionHistory: {
        permissions: onExecution("GetExecutionHistory"),
        run: (input: GetExecutionHistoryCommandInput & OfExecution) => service.getExecutionHistory(input),
      },
      listExecutions: {
        permissions: ({ stateMachineArn, mapRunArn }: ListExecutionsCommandInput) => [
          { action: "states:ListExecutions", resource: stateMachineArn ?? mapRunArn ?? "" },
        ],
        run: (input: ListExecutionsCommandInput) => service.listExecutions(input),
      },
      describeMapRun: {
        permissions: ({ mapRunArn }: OfMapRun) => [{ action: "states:DescribeMapRun", resource: mapRunArn }],
        run: (input: OfMapRun) => service.describeMapRun(input),
      },
      listMapRuns: {
        permissions: onExecution("ListMapRuns"),
        run: (input: ListMapRunsCommandInput & OfExecution) => service.listMapRuns(input),
      },
      stopExecution: {
        permissions: onExecution("StopExecution"),
        run: (input: StopExecutionCommandInput & OfExecution) => service.stopExecution(input),
      },
      describeStateMachine: {
        permissions: onMachine("DescribeStateMachine"),
        run: (input: OfMachine) => service.describeStateMachine(input),
      },
    },
  };
}
