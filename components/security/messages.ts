import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourcePolicyDocument, tlsOnly, type ResourceStatement, type Statement } from "../policy.ts";
import type { Integration } from "../state-machine/states.ts";
import type { Encryption } from "./encryption.ts";
import { useKey } from "./key-use.ts";

/** A queue that keeps messages as long as SQS can unless told otherwise, encrypted with the pipeline's key, or with SQS's own without one. */
export const createQueue = (
  name: string,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
  settings: QueueSettings = {},
): aws.sqs.Queue => {
  const queue = newQueue(name, encryption, parent, settings);
  if (encryption !== undefined) createQueuePolicy(name, queue, [tlsOnly(["sqs:*"], [queue.arn])], parent);
  return queue;
};

type QueueSettings = Pick<
  aws.sqs.QueueArgs,
  "visibilityTimeoutSeconds" | "redrivePolicy" | "messageRetentionSeconds"
> & {
  /** Pulumi refuses to delete it. @default false */
  readonly isProtected?: boolean;
};

/** A queue that services send to, which have no role. */
export interface OpenQueue {
  readonly queue: aws.sqs.Queue;
  /** What has services send depends on it: they look whether they may. */
  readonly policy: aws.sqs.QueuePolicy;
}

/** The same for a queue that services send to; `senders` says which, and for which of their resources. */
export const createOpenQueue = (
  name: string,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
  {
    senders,
    ...settings
  }: QueueSettings & {
    readonly senders: (queueArn: pulumi.Output<string>) => readonly ResourceStatement[];
  },
): OpenQueue => {
  const queue = newQueue(name, encryption, parent, settings);
  const encrypted = encryption === undefined ? [] : [tlsOnly(["sqs:*"], [queue.arn])];
  return { queue, policy: createQueuePolicy(name, queue, [...senders(queue.arn), ...encrypted], parent) };
};

const newQueue = (
  name: string,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
  { isProtected = false, ...settings }: QueueSettings,
): aws.sqs.Queue =>
  new aws.sqs.Queue(
    name,
    {
      messageRetentionSeconds: 14 * 24 * 60 * 60,
      ...settings,
      ...(encryption
        ? { kmsMasterKeyId: encryption.keyArn, kmsDataKeyReusePeriodSeconds: 300 }
        : { sqsManagedSseEnabled: true }),
    },
    { parent, ...(isProtected && { protect: true }) },
  );

const createQueuePolicy = (
  name: string,
  queue: aws.sqs.Queue,
  statements: readonly ResourceStatement[],
  parent: pulumi.Resource,
): aws.sqs.QueuePolicy =>
  new aws.sqs.QueuePolicy(name, { queueUrl: queue.url, policy: resourcePolicyDocument(statements) }, { parent });

/**
 * A topic, encrypted with the pipeline's key. Without one it has no key at all: alarms and event rules cannot publish to
 * a topic under AWS's own, `alias/aws/sns`: its policy lets no service in, and cannot be changed.
 */
export const createTopic = (
  name: string,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
  /** Who may publish beside the roles of this account. */
  publishers: (topicArn: pulumi.Output<string>) => readonly ResourceStatement[] = () => [],
): aws.sns.Topic => {
  const topic = new aws.sns.Topic(name, { ...(encryption && { kmsMasterKeyId: encryption.keyArn }) }, { parent });
  // SNS takes no wildcard here. Roles of this account publish by their own policies.
  const encrypted = encryption === undefined ? [] : [tlsOnly(["sns:Publish"], [topic.arn])];
  const statements = [...publishers(topic.arn), ...encrypted];
  if (statements.length > 0) {
    new aws.sns.TopicPolicy(name, { arn: topic.arn, policy: resourcePolicyDocument(statements) }, { parent });
  }
  return topic;
};

/** What a sender to an encrypted queue needs: a data key, and to see that it is one. */
export const sendUnderKey = (
  encryption: Encryption | undefined,
  sid: string,
  queue: aws.sqs.Queue,
): readonly Statement[] =>
  useKey(encryption, {
    sid,
    via: "sqs",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queue.arn } },
  });

/** What Lambda needs to read an encrypted queue as the function's role. */
export const receiveUnderKey = (
  encryption: Encryption | undefined,
  sid: string,
  queue: aws.sqs.Queue,
): readonly Statement[] =>
  useKey(encryption, {
    sid,
    via: "sqs",
    actions: ["kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queue.arn } },
  });

/** What a publisher to an encrypted topic needs. */
export const publishUnderKey = (
  encryption: Encryption | undefined,
  sid: string,
  topic: aws.sns.Topic,
): readonly Statement[] =>
  useKey(encryption, {
    sid,
    via: "sns",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": topic.arn } },
  });

/** A task's call with what more it needs. */
export const withPermissions = (call: Integration, statements: readonly Statement[]): Integration => ({
  ...call,
  permissions: [...call.permissions, ...statements],
});
