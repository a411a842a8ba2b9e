import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { callOnEvent, keepFailedEvents } from "./function-events.ts";
import type { RunStopper } from "./glue-job.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { useKey, useTableUnderKey } from "./security/key-use.ts";
import { publishUnderKey, sendUnderKey } from "./security/messages.ts";

export interface InterruptionsArgs {
  readonly stateMachine: aws.sfn.StateMachine;
  /** Of the one job; of several the stopper's environment has the names. */
  readonly jobName?: pulumi.Input<string>;
  readonly runStopper: RunStopper;
  readonly failureQueue: aws.sqs.Queue;
  readonly resultsTopic: aws.sns.Topic;
  readonly account: Account;
  readonly logRetentionDays: number;
  /** The key of table, queue, topic and environment. @default AWS's own */
  readonly encryption?: Encryption | undefined;
}

/**
 * Takes care of executions that could not report their own end: somebody stopped them, they timed out, or Step Functions
 * broke them off. Their job runs are stopped, and the failure goes where the state machine puts its failures.
 */
export class Interruptions extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  /** Sees the interrupted executions. */
  readonly rule: aws.cloudwatch.EventRule;

  constructor(name: string, args: InterruptionsArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:Interruptions", name, {}, opts);

    const reported = createTable(name, args.encryption, this);
    this.function = createFunction(name, args, reported, this);
    keepFailedEvents(name, this.function, { destination: args.failureQueue.arn }, this);
    this.rule = new aws.cloudwatch.EventRule(
      name,
      {
        description: "Executions that ended without having reported it",
        eventPattern: interrupted(args.stateMachine.arn),
      },
      { parent: this },
    );
    callOnEvent(name, this.rule, this.function, this);
    this.registerOutputs({ function: this.function, rule: this.rule });
  }
}

/**
 * Of the failed ones those whose error is one of Step Functions' own: the others have failed by the machine's Fail state.
 * An event may keep to itself what an encrypted machine's execution failed with. The function tells apart what is left.
 */
const interrupted = (stateMachineArn: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.jsonStringify({
    source: ["aws.states"],
    "detail-type": ["Step Functions Execution Status Change"],
    detail: {
      stateMachineArn: [stateMachineArn],
      $or: [{ status: ["ABORTED", "TIMED_OUT"] }, { status: ["FAILED"], error: [{ prefix: "States." }, null] }],
    },
  });

/** What has been reported, so that an event that comes twice is reported once. */
const createTable = (name: string, encryption: Encryption | undefined, parent: pulumi.Resource): aws.dynamodb.Table =>
  new aws.dynamodb.Table(
    name,
    {
      hashKey: "Interruption",
      attributes: [{ name: "Interruption", type: "S" }],
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "ExpiresAt", enabled: true },
      ...(encryption && { serverSideEncryption: { enabled: true, kmsKeyArn: encryption.keyArn } }),
    },
    { parent },
  );

const createFunction = (
  name: string,
  args: InterruptionsArgs,
  reported: aws.dynamodb.Table,
  parent: pulumi.Resource,
): aws.lambda.Function => {
  const { runStopper, failureQueue, resultsTopic, encryption } = args;
  return new LambdaFunction(
    name,
    {
      entry: runStopper.entry,
      description: "Stops the job runs of interrupted executions and reports them",
      statements: [
        ...runStopper.statements,
        ...readHistory(args),
        { sid: "NoteReports", actions: ["dynamodb:UpdateItem"], resources: [reported.arn] },
        { sid: "KeepFailure", actions: ["sqs:SendMessage"], resources: [failureQueue.arn] },
        { sid: "Notify", actions: ["sns:Publish"], resources: [resultsTopic.arn] },
        // The stopper may have a table of its own.
        ...useTableUnderKey(encryption, reported).map((statement) => ({ ...statement, sid: "DecryptReports" })),
        ...sendUnderKey(encryption, "EncryptFailure", failureQueue),
        ...publishUnderKey(encryption, "EncryptNotice", resultsTopic),
      ],
      environment: {
        ...runStopper.environment,
        ...(args.jobName !== undefined && { JOB_NAME: args.jobName }),
        INTERRUPTIONS_TABLE: reported.name,
        FAILURE_QUEUE_URL: failureQueue.url,
        RESULTS_TOPIC_ARN: resultsTopic.arn,
      },
      timeoutSeconds: runStopper.timeoutSeconds,
      logRetentionDays: args.logRetentionDays,
      encryption,
    },
    { parent },
  ).function;
};

const readHistory = ({ stateMachine, account, encryption }: InterruptionsArgs): readonly Statement[] => [
  {
    sid: "ReadHistory",
    actions: ["states:GetExecutionHistory"],
    resources: [
      pulumi.interpolate`arn:${account.partition}:states:${account.region}:${account.id}:execution:${stateMachine.name}:*`,
    ],
  },
  // Whoever reads the history of an encrypted machine's execution decrypts it.
  ...useKey(encryption, {
    sid: "DecryptHistory",
    actions: ["kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:states:stateMachineArn": stateMachine.arn } },
  }),
];
