import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { SecureBucket } from "./secure-bucket.ts";

/** Which objects start an execution. Both filters are compared as they stand, case included. */
export interface LandingFilter {
  /** @default "incoming/" */
  readonly prefix?: string;
  /** @default "": any */
  readonly suffix?: string;
}

export const landingDefaults = Object.freeze({ prefix: "incoming/", suffix: "" });

export interface DispatcherArgs {
  readonly landing: SecureBucket;
  readonly filter: Required<LandingFilter>;
  readonly stateMachine: aws.sfn.StateMachine;
  readonly jobName: pulumi.Input<string>;
  /** Events that could not be dispatched end here, once Lambda has given up. */
  readonly failureQueue: aws.sqs.Queue;
  readonly account: Account;
  readonly logRetentionDays: number;
}

/** The function that starts an execution for each landed file, and the bucket's notification to it. */
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
      entry: new URL("../functions/dispatcher.ts", import.meta.url),
      description: "Starts an execution for each landed file",
      statements: [
        { sid: "StartExecution", actions: ["states:StartExecution"], resources: [args.stateMachine.arn] },
        { sid: "KeepFailedEvent", actions: ["sqs:SendMessage"], resources: [args.failureQueue.arn] },
      ],
      environment: { STATE_MACHINE_ARN: args.stateMachine.arn, JOB_NAME: args.jobName },
      timeoutSeconds: 60,
      logRetentionDays: args.logRetentionDays,
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
