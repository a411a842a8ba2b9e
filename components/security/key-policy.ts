import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { Conditions, ResourceStatement } from "../policy.ts";

/** In a key's policy `*` is the key itself. */
const thisKey = ["*"];

/**
 * Who may use a pipeline's key. Roles are let in by their own policies, which the account's statement hands over to;
 * services that come with no role of the pipeline's are named, each for this account's resources alone.
 */
export const keyStatements = (account: Account, senders: readonly KeySender[] = []): readonly ResourceStatement[] => [
  {
    sid: "Administer",
    principal: { account: pulumi.interpolate`arn:${account.partition}:iam::${account.id}:root` },
    // A key that nobody may change could never be repaired; who in the account may is said by IAM.
    actions: ["kms:*"],
    resources: thisKey,
  },
  encryptLogs(account),
  deliverLogs(account),
  publishAlarms(account),
  ...senders.map((sender) => sendMessages(account, sender)),
];

/** A service that sends to a queue under the key. */
export interface KeySender {
  /** What the statement is for. */
  readonly sid: string;
  /** For example `s3.amazonaws.com`. */
  readonly service: string;
  /** ARN pattern of what sends: the key is there before it. */
  readonly sourceArn: pulumi.Output<string>;
}

const sendMessages = ({ id }: Account, { sid, service, sourceArn }: KeySender): ResourceStatement => ({
  sid,
  principal: { service },
  actions: ["kms:GenerateDataKey", "kms:Decrypt"],
  resources: thisKey,
  conditions: { StringEquals: { "aws:SourceAccount": id }, ArnLike: { "aws:SourceArn": sourceArn } },
});

/** CloudWatch Logs says by the encryption context which log group it is for. */
const encryptLogs = ({ region, partition, id }: Account): ResourceStatement => ({
  sid: "EncryptLogs",
  principal: { service: pulumi.interpolate`logs.${region}.amazonaws.com` },
  actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
  resources: thisKey,
  conditions: {
    ArnLike: {
      "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:${partition}:logs:${region}:${id}:log-group:*`,
    },
  },
});

/** The logs of an encrypted state machine are on their way encrypted too. */
const deliverLogs = (account: Account): ResourceStatement => ({
  sid: "DeliverLogs",
  principal: { service: "delivery.logs.amazonaws.com" },
  actions: ["kms:Decrypt"],
  resources: thisKey,
  conditions: deliveredLogs(account),
});

/** The encryption context of logs on their way; the star is part of it. */
export const deliveredLogs = ({ region, partition, id }: Account): Conditions => ({
  StringEquals: { "kms:EncryptionContext:SourceArn": pulumi.interpolate`arn:${partition}:logs:${region}:${id}:*` },
});

/** To encrypted topics. Event rules call functions here, which publish as their roles. */
const publishAlarms = ({ region, partition, id }: Account): ResourceStatement => ({
  sid: "PublishAlarms",
  principal: { service: "cloudwatch.amazonaws.com" },
  actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
  resources: thisKey,
  conditions: {
    StringEquals: { "aws:SourceAccount": id },
    ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:${partition}:cloudwatch:${region}:${id}:alarm:*` },
  },
});
