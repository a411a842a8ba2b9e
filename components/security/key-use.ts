import * as pulumi from "@pulumi/pulumi";
import type { Conditions, Statement } from "../policy.ts";
import type { Encryption } from "./encryption.ts";

type KeyAction = "kms:Decrypt" | "kms:Encrypt" | "kms:GenerateDataKey";

export interface KeyUse {
  readonly sid: string;
  /** The service that uses the key in the role's name, for example `s3`; left out, the role calls KMS itself. */
  readonly via?: "dynamodb" | "lambda" | "s3" | "sns" | "sqs";
  readonly actions: readonly KeyAction[];
  /** What the service says that it is for. */
  readonly conditions?: Conditions;
}

/** What a role needs to use the pipeline's key; nothing without one. */
export const useKey = (encryption: Encryption | undefined, use: KeyUse): readonly Statement[] => {
  if (encryption === undefined) return [];
  const { keyArn, account } = encryption;
  const { StringEquals, ...conditions } = use.conditions ?? {};
  const via = use.via && { "kms:ViaService": pulumi.interpolate`${use.via}.${account.region}.amazonaws.com` };
  return [
    {
      sid: use.sid,
      actions: use.actions,
      resources: [keyArn],
      conditions: { ...((via ?? StringEquals) && { StringEquals: { ...via, ...StringEquals } }), ...conditions },
    },
  ];
};

/**
 * Reads, and with `kms:GenerateDataKey` writes, objects of these buckets. With a bucket key the encryption context is
 * the bucket; for objects that came without one it is the object.
 */
export const useKeyForObjects = (
  encryption: Encryption | undefined,
  { sid, actions, bucketArns }: Omit<KeyUse, "via"> & { readonly bucketArns: readonly pulumi.Input<string>[] },
): readonly Statement[] =>
  useKey(encryption, {
    sid,
    via: "s3",
    actions,
    conditions: {
      StringLike: {
        "kms:EncryptionContext:aws:s3:arn": bucketArns.flatMap((arn) => [arn, pulumi.interpolate`${arn}/*`]),
      },
    },
  });

/** Reads and writes items of an encrypted table: DynamoDB decrypts the table's key in the caller's name. */
export const useTableUnderKey = (
  encryption: Encryption | undefined,
  table: { readonly name: pulumi.Input<string> },
): readonly Statement[] =>
  useKey(encryption, {
    sid: "DecryptTable",
    via: "dynamodb",
    actions: ["kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:dynamodb:tableName": table.name } },
  });
