import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { LambdaFunction, type LambdaFunctionArgs } from "./lambda-function.ts";
import type { SecureBucket } from "./secure-bucket.ts";
import type { Encryption } from "./security/encryption.ts";
import { sendUnderKey } from "./security/messages.ts";

/** Which objects start an execution. Both filters are compared as they stand, case included. */
export interface LandingFilter {
  /** @default "incoming/" */
  readonly prefix?: string;
  /** @default "": any */
  readonly suffix?: string;
}

export const landingDefaults = Object.freeze({ prefix: "incoming/", suffix: "" });

/** The function that is told of landed files, and what it needs for them. */
export type DispatchTarget = Pick<LambdaFunctionArgs, "entry" | "description" | "statements" | "environment">;

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
    new aws.lambda.FunctionEventInvokeConfig(
      name,
      {
        functionName: this.function.name,
        maximumRetryAttempts: 2,
        maximumEventAgeInSeconds: 6 * 60 * 60,
        destinationConfig: { onFailure: { destination: args.failureQueue.arn } },
      },
      { parent: this },
    );
    const permission = allowNotifications(name, this.function, args, this);
    // A bucket has one notification document and the last writer wins: this is the pipeline's only one.
    new aws.s3.BucketNotification(
      name,
      {
        bucket: args.landing.bucket.id,
        lambdaFunctions: [
          {
            lambdaFunctionArn: this.function.arn,
            events: ["s3:ObjectCreated:*"],
            ...(args.filter.prefix !== "" && { filterPrefix: args.filter.prefix }),
            ...(args.filter.suffix !== "" && { filterSuffix: args.filter.suffix }),
          },
        ],
      },
      // No file is taken on before it has a version.
      { parent: this, dependsOn: [permission, args.landing.versioning] },
    );
    this.registerOutputs({ function: this.function });
  }
}

const createFunction = (name: string, args: DispatcherArgs, parent: pulumi.Resource): aws.lambda.Function =>
  new LambdaFunction(
    name,
    {
      ...args.target,
      statements: [
        ...args.target.statements,
        { sid: "KeepFailedEvent", actions: ["sqs:SendMessage"], resources: [args.failureQueue.arn] },
        ...sendUnderKey(args.encryption, "EncryptFailedEvent", args.failureQueue),
      ],
      timeoutSeconds: 60,
      logRetentionDays: args.logRetentionDays,
      encryption: args.encryption,
    },
    { parent },
  ).function;

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
