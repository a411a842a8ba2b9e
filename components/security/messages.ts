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
  settings: Pick<aws.sqs.QueueArgs, "visibilityTimeoutSeconds" | "redrivePolicy"> = {},
): aws.sqs.Queue => {
  const queue = new aws.sqs.Queue(
    name,
    {
      messageRetentionSeconds: 14 * 24 * 60 * 60,
      ...settings,
      ...(encryption
        ? { kmsMasterKeyId: encryption.keyArn, kmsDataKeyReusePeriodSeconds: 300 }
        : { sqsManagedSseEnabled: true }),
    },
    { parent },
  );
  if (encryption !== undefined) {
    new aws.sqs.QueuePolicy(
      name,
      { queueUrl: queue.url, policy: resourcePolicyDocument([tlsOnly(["sqs:*"], [queue.arn])]) },
      { parent },
    );
  }
  return queue;
};

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
