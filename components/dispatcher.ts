import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { keepFailedEvents, mayKeepFailedEvents } from "./function-events.ts";
import { LambdaFunction, type LambdaFunctionArgs } from "./lambda-function.ts";
import type { SecureBucket } from "./secure-bucket.ts";
import type { Encryption } from "./security/encryption.ts";
import type { OpenQueue } from "./security/messages.ts";

/** Which objects start an execution. Both filters are compared as they stand, case included. */
export interface LandingFilter {
  /** @default "incoming/" */
  readonly prefix?: string;
  /** @default "": any */
  readonly suffix?: string;
}

export const landingDefaults = Object.freeze({ prefix: "incoming/", suffix: "" });

/** The function that is told of landed files, and what it needs for them. */
export interface DispatchTarget extends Pick<
  LambdaFunctionArgs,
  "entry" | "description" | "statements" | "environment" | "memoryMiB"
> {
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** Where events wait for the function. @default Lambda keeps them, and calls the function for each */
  readonly arrivals?: Arrivals;
}

/** A queue of events, and how the function is handed them. */
interface Arrivals extends OpenQueue {
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Calls at once. @default as many as Lambda has room for */
  readonly maximumConcurrency?: number;
}

/** Starts an execution of a state machine for each file; of its one job, unless the machine names its jobs itself. */
export const executionsOf = (stateMachine: aws.sfn.StateMachine, jobName?: pulumi.Input<string>): DispatchTarget => ({
  entry: new URL("../functions/dispatcher.ts", import.meta.url),
  description: "Starts an execution for each landed file",
  statements: [{ sid: "StartExecution", actions: ["states:StartExecution"], resources: [stateMachine.arn] }],
  environment: { STATE_MACHINE_ARN: stateMachine.arn, ...(jobName !== undefined && { JOB_NAME: jobName }) },
});

export interface DispatcherArgs {
  readonly landing: SecureBucket;
  readonly filter: Required<LandingFilter>;
  readonly target: DispatchTarget;
  /** Events that could not be dispatched end here, once Lambda has given up. */
  readonly failureQueue: aws.sqs.Queue;
  readonly account: Account;
  readonly logRetentionDays: number;
  /** The key of its environment, its log and the failure queue. @default AWS's own */
  readonly encryption?: Encryption | undefined;
}

/** The function that takes each landed file on, and the bucket's notification to it. */
export class Dispatcher extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;

  constructor(name: string, args: DispatcherArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:Dispatcher", name, {}, opts);

    this.function = createFunction(name, args, this);
    const { arrivals } = args.target;
    const told = arrivals === undefined ? tellFunction(name, this.function, args, this) : tellQueue(arrivals);
    if (arrivals !== undefined) mapQueue(name, arrivals, this.function, this);
    const { filter, landing } = args;
    // A bucket has one notification document and the last writer wins: this is the pipeline's only one.
    new aws.s3.BucketNotification(
      name,
      {
        bucket: landing.bucket.id,
        ...told.rules({
          events: ["s3:ObjectCreated:*"],
          ...(filter.prefix !== "" && { filterPrefix: filter.prefix }),
          ...(filter.suffix !== "" && { filterSuffix: filter.suffix }),
        }),
      },
      // No file is taken on before it has a version.
      { parent: this, dependsOn: [told.permission, landing.versioning] },
    );
    this.registerOutputs({ function: this.function });
  }
}

interface Rule {
  readonly events: string[];
  readonly filterPrefix?: string;
  readonly filterSuffix?: string;
}

/** Where a bucket sends its events, and what lets it. */
interface Told {
  readonly permission: pulumi.Resource;
  readonly rules: (rule: Rule) => Pick<aws.s3.BucketNotificationArgs, "lambdaFunctions" | "queues">;
}

/** Lambda keeps the events, and calls the function for each. */
const tellFunction = (
  name: string,
  lambda: aws.lambda.Function,
  args: DispatcherArgs,
  parent: pulumi.Resource,
): Told => {
  keepFailedEvents(name, lambda, { destination: args.failureQueue.arn }, parent);
  return {
    permission: allowNotifications(name, lambda, args, parent),
    rules: (rule) => ({ lambdaFunctions: [{ lambdaFunctionArn: lambda.arn, ...rule }] }),
  };
};

const tellQueue = ({ queue, policy }: Arrivals): Told => ({
  permission: policy,
  rules: (rule) => ({ queues: [{ queueArn: queue.arn, ...rule }] }),
});

/** What the function does not name as undone is gone from the queue. */
const mapQueue = (
  name: string,
  { queue, batchSize, windowSeconds, maximumConcurrency }: Arrivals,
  lambda: aws.lambda.Function,
  parent: pulumi.Resource,
): void => {
  new aws.lambda.EventSourceMapping(
    name,
    {
      eventSourceArn: queue.arn,
      functionName: lambda.name,
      batchSize,
      maximumBatchingWindowInSeconds: windowSeconds,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(maximumConcurrency !== undefined && { scalingConfig: { maximumConcurrency } }),
    },
    { parent },
  );
};

const createFunction = (name: string, args: DispatcherArgs, parent: pulumi.Resource): aws.lambda.Function => {
  const { arrivals, timeoutSeconds = 60, ...target } = args.target;
  return new LambdaFunction(
    name,
    {
      ...target,
      statements: [
        ...target.statements,
        // From a queue nothing is sent on by Lambda.
        ...(arrivals === undefined ? mayKeepFailedEvents(args.failureQueue, args.encryption) : []),
      ],
      timeoutSeconds,
      logRetentionDays: args.logRetentionDays,
      encryption: args.encryption,
    },
    { parent },
  ).function;
};

/** The account is named too: a bucket's name, once deleted, is free for anybody. */
const allowNotifications = (
  name: string,
  lambda: aws.lambda.Function,
  { landing, account }: DispatcherArgs,
  parent: pulumi.Resource,
): aws.lambda.Permission =>
  new aws.lambda.Permission(
    name,
    {
      action: "lambda:InvokeFunction",
      function: lambda.name,
      principal: "s3.amazonaws.com",
      sourceArn: landing.bucket.arn,
      sourceAccount: account.id,
    },
    { parent },
  );
