import {
  at,
  isOrMayBe,
  resourceRule,
  stackRule,
  unknownValue,
  type Declared,
  type ResourceRule,
  type StackRule,
} from "./rule.ts";

const queue = "aws:sqs/queue:Queue";
const topic = "aws:sns/topic:Topic";
const key = "aws:kms/key:Key";

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

export const encryptionRules: readonly ResourceRule[] = [
  resourceRule({
    name: "queue-encrypted",
    description: "A queue encrypts its messages.",
    level: "mandatory",
    settings: {},
    types: [queue],
    check: ({ properties: { kmsMasterKeyId, sqsManagedSseEnabled } }) =>
      isSet(kmsMasterKeyId) || isOrMayBe(sqsManagedSseEnabled, true)
        ? []
        : ["needs sqsManagedSseEnabled or a kmsMasterKeyId"],
  }),
  resourceRule({
    name: "key-rotated",
    description: "A key is rotated, and one deleted by mistake can be had back.",
    level: "mandatory",
    settings: { minDeletionWindowDays: 7 },
    types: [key],
    check: ({ properties: { enableKeyRotation, deletionWindowInDays } }, { minDeletionWindowDays }) => [
      ...(isOrMayBe(enableKeyRotation, true) ? [] : ["needs enableKeyRotation"]),
      ...(typeof deletionWindowInDays === "number" && deletionWindowInDays < minDeletionWindowDays
        ? [`needs a deletionWindowInDays of ${minDeletionWindowDays} or more, has ${deletionWindowInDays}`]
        : []),
    ],
  }),
];

/** Where each type has the key that it is encrypted with. */
const keyOf: Readonly<Record<string, (properties: Declared["properties"]) => unknown>> = {
  [queue]: ({ kmsMasterKeyId }) => kmsMasterKeyId,
  // Starting with this: a key of AWS's, which no policy of ours is asked about.
  [topic]: ({ kmsMasterKeyId }) => (String(kmsMasterKeyId).startsWith("alias/aws/") ? undefined : kmsMasterKeyId),
  "aws:dynamodb/table:Table": ({ serverSideEncryption }) =>
    serverSideEncryption === unknownValue ? unknownValue : at(serverSideEncryption, "kmsKeyArn"),
  "aws:cloudwatch/logGroup:LogGroup": ({ kmsKeyId }) => kmsKeyId,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (properties) =>
    at(properties, "rules", 0, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"),
};

export const customerKeyRules: readonly StackRule[] = [
  // Topics too: without a key of the account's own one has none, because under AWS's no alarm can publish to it.
  stackRule<{ readonly always: boolean }>({
    name: "customer-managed-keys",
    description:
      "In a stack that has a key of its own, buckets, tables, queues, topics and log groups are encrypted with one.",
    level: "mandatory",
    // Also in a stack without a key.
    settings: { always: false },
    check: (resources, { always }) =>
      always || resources.some(({ type }) => type === key)
        ? resources
            .filter(({ type, properties }) => {
              const keyOfType = keyOf[type];
              return keyOfType !== undefined && !isSet(keyOfType(properties));
            })
            .map(({ urn }) => ({ urn, message: "is not encrypted with a key of the account's own" }))
        : [],
  }),
];
