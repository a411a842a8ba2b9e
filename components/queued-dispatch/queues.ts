import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { PipelineParts } from "../pipeline-work.ts";
import type { Encryption } from "../security/encryption.ts";
import type { KeySender } from "../security/key-policy.ts";
import { createOpenQueue, type OpenQueue } from "../security/messages.ts";

interface ReadByFunction {
  readonly failures: aws.sqs.Queue;
  readonly encryption: Encryption | undefined;
  /** Of the function that is handed its messages. */
  readonly timeoutSeconds: number;
  /** That Lambda gathers messages for. @default 0 */
  readonly windowSeconds?: number;
}

/** Where S3 tells of landed files, and people of those that are to be taken again. */
export const createArrivals = (
  name: string,
  {
    landing,
    account,
    forceDestroy,
    ...read
  }: ReadByFunction & Pick<PipelineParts, "landing" | "account"> & { readonly forceDestroy: boolean },
  parent: pulumi.Resource,
): OpenQueue =>
  createOpenQueue(name, read.encryption, parent, {
    ...readInPeace(read, 10),
    isProtected: !forceDestroy,
    // The account is named too: a bucket's name, once deleted, is free for anybody.
    senders: (queueArn) => [
      {
        sid: "Landings",
        principal: { service: "s3.amazonaws.com" },
        actions: ["sqs:SendMessage"],
        resources: [queueArn],
        conditions: { StringEquals: { "aws:SourceAccount": account.id }, ArnLike: { "aws:SourceArn": landing.arn } },
      },
    ],
  });

/** Where the results topic tells how files have ended, and reminders wait to look after those of which nothing is heard. */
export const createOutcomes = (
  name: string,
  { results, ...read }: ReadByFunction & Pick<PipelineParts, "results">,
  parent: pulumi.Resource,
): OpenQueue => {
  const outcomes = createOpenQueue(name, read.encryption, parent, {
    // A reminder is all that knows of an execution that could not be started: it outlives an outage of most of a day.
    ...readInPeace(read, 100),
    senders: (queueArn) => [
      {
        sid: "Results",
        principal: { service: "sns.amazonaws.com" },
        actions: ["sqs:SendMessage"],
        resources: [queueArn],
        conditions: { ArnLike: { "aws:SourceArn": results.arn } },
      },
    ],
  });
  new aws.sns.TopicSubscription(
    name,
    {
      topic: results.arn,
      protocol: "sqs",
      endpoint: outcomes.queue.arn,
      rawMessageDelivery: true,
      filterPolicy: JSON.stringify({ outcome: ["succeeded", "failed", "rejected"] }),
    },
    { parent, dependsOn: outcomes.policy },
  );
  return outcomes;
};

/** A message that was read is hidden for six calls, so that Lambda can be turned away a few times and still have it. */
const readInPeace = ({ failures, timeoutSeconds, windowSeconds = 0 }: ReadByFunction, maxReceiveCount: number) => ({
  visibilityTimeoutSeconds: 6 * timeoutSeconds + windowSeconds,
  redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: failures.arn, maxReceiveCount }),
});

/** What of services uses the pipeline's key to send to these queues. */
export const queuedSenders = (name: string, { partition, region, id }: Account): readonly KeySender[] => [
  {
    sid: "SendLandings",
    service: "s3.amazonaws.com",
    sourceArn: pulumi.interpolate`arn:${partition}:s3:::${name}-landing-*`,
  },
  {
    sid: "SendResults",
    service: "sns.amazonaws.com",
    sourceArn: pulumi.interpolate`arn:${partition}:sns:${region}:${id}:${name}-results-*`,
  },
];
