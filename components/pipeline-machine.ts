import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import type { Statement } from "./policy.ts";
import { createServiceRole } from "./service-role.ts";
import { permissionsOf, renderDefinition } from "./state-machine/render.ts";
import type { StateGraph } from "./state-machine/states.ts";

/** What an execution writes to its log: everything, what went wrong, or nothing. */
export type LogLevel = "ALL" | "ERROR" | "OFF";

export interface PipelineMachineArgs {
  readonly comment: string;
  readonly graph: StateGraph;
  readonly logLevel: LogLevel;
  readonly logRetentionDays: number;
  readonly account: Account;
}

/** A state machine with its log and its role, which may do what its tasks need. */
export class PipelineMachine extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;

  constructor(name: string, args: PipelineMachineArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:PipelineMachine", name, {}, opts);
    const { account } = args;

    const { role, policy } = createServiceRole(
      name,
      {
        service: "states.amazonaws.com",
        statements: [...permissionsOf(args.graph), ...(args.logLevel === "OFF" ? [] : [deliverLogs])],
        calledFrom: {
          account,
          // The machine's own ARN is not known before the role is there.
          arnPattern: pulumi.interpolate`arn:${account.partition}:states:${account.region}:${account.id}:stateMachine:${name}-*`,
        },
      },
      this,
    );
    this.stateMachine = new aws.sfn.StateMachine(
      name,
      {
        roleArn: role.arn,
        definition: renderDefinition(args.graph, { comment: args.comment }),
        loggingConfiguration: createLogging(name, args, this),
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ stateMachine: this.stateMachine });
  }
}

const createLogging = (
  name: string,
  { logLevel, logRetentionDays }: PipelineMachineArgs,
  parent: pulumi.Resource,
): aws.types.input.sfn.StateMachineLoggingConfiguration => {
  if (logLevel === "OFF") return { level: logLevel };
  const logGroup = new aws.cloudwatch.LogGroup(
    name,
    // Under this prefix a log group needs no resource policy of its own, of which an account has few.
    { namePrefix: `/aws/vendedlogs/states/${name}-`, retentionInDays: logRetentionDays },
    { parent },
  );
  return { level: logLevel, includeExecutionData: true, logDestination: pulumi.interpolate`${logGroup.arn}:*` };
};

const deliverLogs: Statement = {
  sid: "DeliverLogs",
  actions: [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  // AWS has no narrower resource for the delivery of logs.
  resources: ["*"],
};
