import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";

/** An e-mail address, or the ARN of an SQS queue whose policy lets the topic send to it. */
export type Subscriber = string;

export const isEmail = (subscriber: Subscriber): boolean => /^[^\s@:,]+@[^\s@:,]+\.[^\s@:,]+$/.test(subscriber);

export const isQueueArn = (subscriber: Subscriber): boolean =>
  /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/.test(subscriber);

/** Who wants to hear of which outcomes, the values of the messages' attribute `outcome`. */
export type Audience = readonly (readonly [subscribers: readonly Subscriber[], outcomes: readonly string[]])[];

/** Subscribes people and queues to all messages of a topic. Whoever is subscribed by e-mail has to confirm it. */
export const subscribeToAll = (
  name: string,
  topic: aws.sns.Topic,
  subscribers: readonly Subscriber[],
  parent: pulumi.Resource,
): void => {
  for (const endpoint of new Set(subscribers)) createSubscription(name, { topic, endpoint }, parent);
};

/** Subscribes each to the outcomes that it wants to hear of. A topic has one subscription for each endpoint. */
export const subscribeToOutcomes = (
  name: string,
  topic: aws.sns.Topic,
  audience: Audience,
  parent: pulumi.Resource,
): void => {
  for (const endpoint of new Set(audience.flatMap(([subscribers]) => subscribers))) {
    const outcomes = audience.flatMap(([subscribers, wanted]) => (subscribers.includes(endpoint) ? wanted : []));
    createSubscription(name, { topic, endpoint, filterPolicy: JSON.stringify({ outcome: outcomes }) }, parent);
  }
};

interface SubscriptionArgs {
  readonly topic: aws.sns.Topic;
  readonly endpoint: Subscriber;
  readonly filterPolicy?: string;
}

const createSubscription = (
  name: string,
  { topic, endpoint, ...filter }: SubscriptionArgs,
  parent: pulumi.Resource,
): void => {
  new aws.sns.TopicSubscription(
    // By whom, not by place in the list: who comes or goes changes nothing for the others.
    `${name}-${createHash("sha256").update(endpoint).digest("hex").slice(0, 8)}`,
    { topic: topic.arn, protocol: isQueueArn(endpoint) ? "sqs" : "email", endpoint, ...filter },
    { parent },
  );
};
