import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../policy.ts";
import type { Integration } from "./states.ts";

/** Calls that start something else: containers, executions of other state machines, whatever waits for an event. */

interface ContainerTask {
  readonly cluster: aws.ecs.Cluster;
  readonly taskDefinition: aws.ecs.TaskDefinition;
  /** The roles that the task definition names: whoever runs a task hands them on. */
  readonly roles: readonly aws.iam.Role[];
}

/** `{Cluster, TaskDefinition, LaunchType, NetworkConfiguration, Overrides, …}` → the task, once its containers have ended. */
export const runEcsTask = (sid: string, { cluster, taskDefinition, roles }: ContainerTask): Integration => ({
  resource: "arn:aws:states:::ecs:runTask.sync",
  permissions: [
    { sid, actions: ["ecs:RunTask"], resources: [taskDefinition.arn] },
    {
      sid: `${sid}Watch`,
      actions: ["ecs:StopTask", "ecs:DescribeTasks"],
      // A task's id is not known before it runs.
      resources: [cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`)],
    },
    ...(roles.length > 0
      ? [
          {
            sid: `${sid}PassRoles`,
            actions: ["iam:PassRole"],
            resources: roles.map(({ arn }) => arn),
            conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
          },
        ]
      : []),
    hearEnd(`${sid}HearEnd`, cluster.arn, "StepFunctionsGetEventsForECSTaskRule"),
  ],
});

/** `{StateMachineArn, Input, Name}` → `{ExecutionArn, StartDate}`, without waiting for its end. */
export const startExecution = (sid: string, { arn }: { readonly arn: pulumi.Input<string> }): Integration => ({
  resource: "arn:aws:states:::states:startExecution",
  permissions: [{ sid, actions: ["states:StartExecution"], resources: [arn] }],
});

/**
 * `{StateMachineArn, Input, Name}` → the execution once it has succeeded, its output as JSON; else States.TaskFailed. It is
 * stopped with the execution that waits for it.
 */
export const runExecution = (sid: string, { arn }: aws.sfn.StateMachine): Integration => ({
  resource: "arn:aws:states:::states:startExecution.sync:2",
  permissions: [
    { sid, actions: ["states:StartExecution"], resources: [arn] },
    {
      sid: `${sid}Watch`,
      actions: ["states:DescribeExecution", "states:StopExecution"],
      resources: [arn.apply((machine) => `${machine.replace(":stateMachine:", ":execution:")}:*`)],
    },
    hearEnd(`${sid}HearEnd`, arn, "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
  ],
});

/** `{Entries: [{Detail, DetailType, Source, EventBusName}…]}` → `{Entries, FailedEntryCount}`. */
export const putEvents = (sid: string, bus: aws.cloudwatch.EventBus): Integration => ({
  resource: "arn:aws:states:::events:putEvents",
  permissions: [{ sid, actions: ["events:PutEvents"], resources: [bus.arn] }],
});

/** Step Functions hears of the end by a rule of its own, in the account and Region of what it has started. */
const hearEnd = (sid: string, started: pulumi.Output<string>, rule: string): Statement => ({
  sid,
  actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
  resources: [
    started.apply((arn) => {
      const [, partition, , region, account] = arn.split(":");
      return `arn:${String(partition)}:events:${String(region)}:${String(account)}:rule/${rule}`;
    }),
  ],
});
