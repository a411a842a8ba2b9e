import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DirectSettings } from "../functions/lib/direct/settings.ts";
import type { DispatchTarget } from "./dispatcher.ts";
import type { Validation } from "./file-validation.ts";
import type { DirectCalls } from "./glue-job.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { JobRetry } from "./pipeline-definition.ts";
import type { Statement } from "./policy.ts";
import type { ObservedParts } from "./observability/observed.ts";
import type { Polling } from "./polling.ts";
import type { Encryption } from "./security/encryption.ts";
import { useTableUnderKey } from "./security/key-use.ts";
import { createQueue, publishUnderKey, sendUnderKey } from "./security/messages.ts";
import { anyError, anyTaskFailure, busy, transient } from "./task-retries.ts";

export interface DirectDispatchArgs {
  readonly jobName: pulumi.Input<string>;
  readonly calls: DirectCalls;
  readonly validation: Required<Validation>;
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  readonly giveUpAfterMinutes: number;
  readonly output: aws.s3.Bucket;
  readonly failures: aws.sqs.Queue;
  readonly results: aws.sns.Topic;
  readonly logRetentionDays: number;
  readonly encryption?: Encryption | undefined;
}

/** As long as the dispatcher lives, in seconds. */
const dispatchTimeoutSeconds = 60;
/** Who has not noted what it was doing this long after its end is dead. */
const slackSeconds = 15;

/**
 * The way of a file through one job without a state machine: the dispatcher enters it in the ledger and starts a run, the
 * watcher takes it from there. What is to be done when is in a queue, whose messages wait as long as a state machine
 * would. The same settings, arguments, results and reasons as with one.
 */
export class DirectDispatch extends pulumi.ComponentResource {
  /** All files by the names that executions would have. */
  readonly ledger: aws.dynamodb.Table;
  readonly target: DispatchTarget;
  /** What there is to look at. */
  readonly observed: ObservedParts;

  constructor(name: string, args: DirectDispatchArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:DirectDispatch", name, {}, opts);

    this.ledger = createLedger(name, args.encryption, this);
    const watchQueue = createQueue(`${name}-watch`, args.encryption, this, {
      // No message is handed out again before whoever has it is dead.
      visibilityTimeoutSeconds: args.calls.lookTimeoutSeconds,
      redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: args.failures.arn, maxReceiveCount: 10 }),
    });
    const parts = { ...args, ledger: this.ledger, watchQueue };
    const watcher = createWatcher(name, parts, this);
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: watchQueue.arn,
        functionName: watcher.name,
        // A look may take as long as the watcher lives.
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      { parent: this },
    );
    this.target = dispatchTarget(parts);
    this.observed = { functions: { watcher: { name: watcher.name, isPolled: true } }, rules: {} };
    this.registerOutputs({ ledger: this.ledger });
  }
}

interface Parts extends DirectDispatchArgs {
  readonly ledger: aws.dynamodb.Table;
  readonly watchQueue: aws.sqs.Queue;
}

const dispatchTarget = (parts: Parts): DispatchTarget => ({
  entry: new URL("../functions/direct-dispatcher.ts", import.meta.url),
  description: "Starts a job run for each landed file",
  statements: [
    ...keepLedger(parts),
    ...parts.calls.start,
    { sid: "Remind", actions: ["sqs:SendMessage"], resources: [parts.watchQueue.arn] },
    ...sendUnderKey(parts.encryption, "EncryptReminder", parts.watchQueue),
  ],
  environment: environmentOf(parts, dispatchTimeoutSeconds),
});

const createWatcher = (name: string, parts: Parts, parent: pulumi.Resource): aws.lambda.Function => {
  const { calls, failures, results, watchQueue, encryption, logRetentionDays } = parts;
  return new LambdaFunction(
    `${name}-watcher`,
    {
      entry: new URL("../functions/job-run-watcher.ts", import.meta.url),
      description: "Takes landed files from the start of a job run to their end",
      statements: [
        ...keepLedger(parts),
        ...calls.watch,
        {
          sid: "Watch",
          actions: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
          resources: [watchQueue.arn],
        },
        { sid: "KeepFailure", actions: ["sqs:SendMessage"], resources: [failures.arn] },
        { sid: "Notify", actions: ["sns:Publish"], resources: [results.arn] },
        ...sendUnderKey(encryption, "EncryptReminder", watchQueue),
        ...sendUnderKey(encryption, "EncryptFailure", failures),
        ...publishUnderKey(encryption, "EncryptNotice", results),
      ],
      environment: {
        ...environmentOf(parts, calls.lookTimeoutSeconds),
        FAILURE_QUEUE_URL: failures.url,
        RESULTS_TOPIC_ARN: results.arn,
      },
      timeoutSeconds: calls.lookTimeoutSeconds,
      logRetentionDays,
      encryption,
    },
    { parent },
  ).function;
};

const createLedger = (name: string, encryption: Encryption | undefined, parent: pulumi.Resource): aws.dynamodb.Table =>
  new aws.dynamodb.Table(
    `${name}-ledger`,
    {
      hashKey: "ExecutionName",
      attributes: [{ name: "ExecutionName", type: "S" }],
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "ExpiresAt", enabled: true },
      ...(encryption && { serverSideEncryption: { enabled: true, kmsKeyArn: encryption.keyArn } }),
    },
    { parent },
  );

const keepLedger = ({ ledger, encryption }: Parts): readonly Statement[] => [
  { sid: "KeepLedger", actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [ledger.arn] },
  ...useTableUnderKey(encryption, ledger),
];

const environmentOf = (parts: Parts, timeoutSeconds: number) => ({
  ...parts.calls.environment,
  JOB_NAME: parts.jobName,
  LEDGER_TABLE: parts.ledger.name,
  WATCH_QUEUE_URL: parts.watchQueue.url,
  SETTINGS: pulumi.jsonStringify(settingsOf(parts, timeoutSeconds)),
});

const settingsOf = (
  { output, validation, retry, polling, giveUpAfterMinutes }: Parts,
  timeoutSeconds: number,
): Omit<DirectSettings, "outputBucket"> & { readonly outputBucket: pulumi.Output<string> } => ({
  outputBucket: output.id,
  validation,
  retry,
  polling,
  giveUpAfterMinutes,
  retriers: { transient, busy, anyTaskFailure, anyError },
  leaseSeconds: timeoutSeconds + slackSeconds,
});
