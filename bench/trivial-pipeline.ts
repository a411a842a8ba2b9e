/**
 * What `local-stack.ts` measures the pipeline against, deployed beside it: bucket → function → state machine with one
 * task, a function that does nothing. Built of the pipeline's own parts, so that only what it does differs.
 */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Account, accountOf } from "../components/account.ts";
import { LambdaFunction } from "../components/lambda-function.ts";
import { PipelineMachine } from "../components/pipeline-machine.ts";
import { SecureBucket } from "../components/secure-bucket.ts";
import { invokeFunction } from "../components/state-machine/integrations.ts";
import { stateGraph } from "../components/state-machine/states.ts";

const logRetentionDays = 1;

/** Where files go to, and what then happens to them. */
export interface TrivialPipeline {
  readonly landingBucket: pulumi.Output<string>;
  readonly stateMachineArn: pulumi.Output<string>;
}

/** `tells`: whether the task writes a line to its log. */
export const createTrivialPipeline = (name: string, tells: boolean): TrivialPipeline => {
  const landing = new SecureBucket(`${name}-landing`, { oldVersionDays: 1, forceDestroy: true }, {});
  const stateMachine = createMachine(name, tells, accountOf(landing));
  const dispatcher = new LambdaFunction(
    `${name}-dispatcher`,
    {
      entry: new URL("./trivial-dispatcher.ts", import.meta.url),
      description: "Starts an execution",
      statements: [{ sid: "StartExecution", actions: ["states:StartExecution"], resources: [stateMachine.arn] }],
      environment: { STATE_MACHINE_ARN: stateMachine.arn },
      timeoutSeconds: 60,
      logRetentionDays,
    },
    {},
  );
  notify(name, dispatcher.function, landing);
  return { landingBucket: landing.bucket.id, stateMachineArn: stateMachine.arn };
};

const createMachine = (name: string, tells: boolean, account: Account): aws.sfn.StateMachine => {
  const task = new LambdaFunction(
    `${name}-task`,
    {
      entry: new URL("./trivial-task.ts", import.meta.url),
      description: "Does nothing",
      statements: [],
      environment: { TELL: String(tells) },
      timeoutSeconds: 30,
      logRetentionDays,
    },
    {},
  );
  const call = invokeFunction("Task", task.function);
  const graph = stateGraph({
    startAt: "Task",
    states: {
      Task: { type: "Task", call, arguments: {}, timeoutSeconds: 60, next: "Done" },
      Done: { type: "Succeed" },
    },
  });
  return new PipelineMachine(name, { comment: "One task", graph, logLevel: "ALL", logRetentionDays, account }, {})
    .stateMachine;
};

const notify = (name: string, dispatcher: aws.lambda.Function, landing: SecureBucket): void => {
  const permission = new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: dispatcher.name,
    principal: "s3.amazonaws.com",
    sourceArn: landing.bucket.arn,
  });
  const filter = { events: ["s3:ObjectCreated:*"], filterPrefix: "incoming/" };
  new aws.s3.BucketNotification(
    name,
    { bucket: landing.bucket.id, lambdaFunctions: [{ lambdaFunctionArn: dispatcher.arn, ...filter }] },
    { dependsOn: [permission, landing.versioning] },
  );
};
