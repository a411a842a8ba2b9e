import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { LambdaFunction } from "../lambda-function.ts";
import type { Encryption } from "../security/encryption.ts";
import type { SimulatedGlueJob } from "../simulated-glue-job.ts";

export interface FeederArgs {
  readonly job: SimulatedGlueJob;
  readonly stream: aws.kinesis.Stream;
  /** The time between two batches; Lambda gathers records for five minutes at the most. */
  readonly triggerSeconds: number;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

/**
 * Wakes a simulated streaming job when there is something in its stream. The records themselves the job reads behind its
 * own checkpoint, as Spark does: that they come along here says no more than that there are some.
 */
export const createFeeder = (name: string, args: FeederArgs, parent: pulumi.Resource): void => {
  const { feed } = args.job;
  if (feed === undefined) throw new Error(`${name}: a simulated streaming job needs a stand-in that reads its stream`);
  const feeder = new LambdaFunction(
    name,
    {
      entry: new URL("../../functions/feed-streaming-job.ts", import.meta.url),
      description: "Has a simulated streaming job read its stream",
      statements: [
        ...feed.statements,
        {
          sid: "ReadStream",
          actions: ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"],
          resources: [args.stream.arn],
        },
        // It has no narrower resource.
        { sid: "ListStreams", actions: ["kinesis:ListStreams"], resources: ["*"] },
      ],
      environment: feed.environment,
      timeoutSeconds: 900,
      logRetentionDays: args.logRetentionDays,
      encryption: args.encryption,
    },
    { parent },
  );
  new aws.lambda.EventSourceMapping(
    name,
    {
      eventSourceArn: args.stream.arn,
      functionName: feeder.function.name,
      startingPosition: "TRIM_HORIZON",
      batchSize: 10_000,
      maximumBatchingWindowInSeconds: Math.min(300, args.triggerSeconds),
      functionResponseTypes: ["ReportBatchItemFailures"],
    },
    { parent },
  );
};
