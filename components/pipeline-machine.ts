import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { deliveredLogs } from "./security/key-policy.ts";
import { useKey } from "./security/key-use.ts";
import { createServiceRole } from "./service-role.ts";
import { hasDistributedMap, permissionsOf, renderDefinition } from "./state-machine/render.ts";
import type { StateGraph } from "./state-machine/states.ts";

/** What an execution writes to its log: everything, what went wrong, or nothing. */
export type LogLevel = "ALL" | "ERROR" | "OFF";

/** Executions that last for up to a year and have a name and a history of their own, or five minutes and none. */
export type StateMachineType = "STANDARD" | "EXPRESS";

export interface PipelineMachineArgs {
  /** @default "STANDARD" */
  readonly type?: StateMachineType | undefined;
  /** Ends an execution as TIMED_OUT. @default none */
  readonly timeoutSeconds?: number;
  readonly comment: string;
  readonly graph: StateGraph;
  readonly logLevel: LogLevel;
  readonly logRetentionDays: number;
  readonly account: Account;
  /** The key of its definition, its executions and its log. @default AWS's own */
  readonly encryption?: Encryption | undefined;
}

/** A state machine with its log and its role, which may do what its tasks need. */
export class PipelineMachine extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;
  /** Absent where nothing is logged. */
  readonly log: aws.cloudwatch.LogGroup | undefined;

  constructor(name: string, args: PipelineMachineArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:PipelineMachine", name, {}, opts);
    const { account, encryption } = args;
    if (args.type === "EXPRESS") void pulumi.log.warn(expressWarning, this);
    // The machine's own ARN is not known before the role is there.
    const arnPattern = pulumi.interpolate`arn:${account.partition}:states:${account.region}:${account.id}:stateMachine:${name}-*`;

    const { role, policy } = createServiceRole(
      name,
      {
        service: "states.amazonaws.com",
        statements: [
          ...permissionsOf(args.graph),
          ...(hasDistributedMap(args.graph) ? runDistributedMaps(arnPattern) : []),
          ...encryptExecutions(encryption, arnPattern),
          ...(args.logLevel === "OFF" ? [] : [deliverLogs, ...encryptLogs(encryption)]),
        ],
        calledFrom: { account, arnPattern },
      },
      this,
    );
    this.log = createLog(name, args, this);
    this.stateMachine = new aws.sfn.StateMachine(
      name,
      {
        roleArn: role.arn,
        // Left out where it is the default, which replaces no machine that is there.
        ...(args.type === "EXPRESS" && { type: args.type }),
        definition: renderDefinition(args.graph, args),
        loggingConfiguration: loggingTo(this.log, args.logLevel),
        ...(encryption && {
          encryptionConfiguration: {
            type: "CUSTOMER_MANAGED_KMS_KEY",
            kmsKeyId: encryption.keyArn,
            kmsDataKeyReusePeriodSeconds: 300,
          },
        }),
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ stateMachine: this.stateMachine, log: this.log });
  }
}

const expressWarning =
  "An express execution leaves nothing but its log: a file whose event comes twice is run twice, one whose execution is " +
  "cut off at five minutes is reported by nobody, and `npm run drop` and `npm run status` cannot follow executions.";

const createLog = (
  name: string,
  { logLevel, logRetentionDays, encryption }: PipelineMachineArgs,
  parent: pulumi.Resource,
): aws.cloudwatch.LogGroup | undefined => {
  if (logLevel === "OFF") return undefined;
  return new aws.cloudwatch.LogGroup(
    name,
    // Under this prefix a log group needs no resource policy of its own, of which an account has few.
    {
      namePrefix: `/aws/vendedlogs/states/${name}-`,
      retentionInDays: logRetentionDays,
      ...(encryption && { kmsKeyId: encryption.keyArn }),
    },
    { parent },
  );
};

const loggingTo = (
  log: aws.cloudwatch.LogGroup | undefined,
  level: LogLevel,
): aws.types.input.sfn.StateMachineLoggingConfiguration =>
  log === undefined
    ? { level: "OFF" }
    : { level, includeExecutionData: true, logDestination: pulumi.interpolate`${log.arn}:*` };

/** The items of a distributed map are executions of the machine that has it. */
const runDistributedMaps = (machineArn: pulumi.Output<string>): readonly Statement[] => {
  const executions = machineArn.apply((arn) => arn.replace(":stateMachine:", ":execution:"));
  return [
    { sid: "StartMapExecutions", actions: ["states:StartExecution"], resources: [machineArn] },
    {
      sid: "FollowMapExecutions",
      actions: ["states:DescribeExecution", "states:StopExecution"],
      resources: [pulumi.interpolate`${executions}:*`],
    },
  ];
};

const encryptExecutions = (
  encryption: Encryption | undefined,
  machineArn: pulumi.Output<string>,
): readonly Statement[] =>
  useKey(encryption, {
    sid: "EncryptExecutions",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    conditions: { ArnLike: { "kms:EncryptionContext:aws:states:stateMachineArn": machineArn } },
  });

/** On their way to the log group, the logs of an encrypted machine are encrypted in the machine's name. */
const encryptLogs = (encryption: Encryption | undefined): readonly Statement[] =>
  encryption === undefined
    ? []
    : useKey(encryption, {
        sid: "EncryptLogs",
        actions: ["kms:GenerateDataKey"],
        conditions: deliveredLogs(encryption.account),
      });

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
