import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../policy.ts";
import type { Encryption } from "./encryption.ts";
import { useKey, useKeyForObjects } from "./key-use.ts";

/** How Glue encrypts what a job writes: its objects, its logs and its bookmarks. */
export const createSecurityConfiguration = (
  name: string,
  { keyArn: kmsKeyArn }: Encryption,
  parent: pulumi.Resource,
): aws.glue.SecurityConfiguration =>
  new aws.glue.SecurityConfiguration(
    name,
    {
      encryptionConfiguration: {
        s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn },
        cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn },
        jobBookmarksEncryption: { jobBookmarksEncryptionMode: "CSE-KMS", kmsKeyArn },
      },
    },
    { parent },
  );

export interface JobKeyUse {
  /** Scripts and libraries. */
  readonly artifacts: aws.s3.Bucket;
  /** Whether temporary files or Spark's logs go to the artifacts too. */
  readonly writesArtifacts: boolean;
  /** ARNs of other buckets for them: Glue encrypts whatever a job writes with the same key. */
  readonly stores: readonly pulumi.Input<string>[];
  /** Whether the job keeps bookmarks or reads them: those it encrypts itself. */
  readonly bookmarks: boolean;
}

/** Parts of an upload are decrypted again to be put together. */
const readAndWrite = ["kms:GenerateDataKey", "kms:Decrypt"] as const;

/** What a Glue job's role needs besides what its data asks for. */
export const jobKeyStatements = (
  encryption: Encryption | undefined,
  { artifacts, writesArtifacts, stores, bookmarks }: JobKeyUse,
): readonly Statement[] => [
  ...useKeyForObjects(encryption, {
    sid: "UseArtifacts",
    actions: writesArtifacts ? readAndWrite : ["kms:Decrypt"],
    bucketArns: [artifacts.arn],
  }),
  ...(stores.length > 0
    ? useKeyForObjects(encryption, { sid: "EncryptStores", actions: readAndWrite, bucketArns: stores })
    : []),
  ...(bookmarks
    ? useKey(encryption, {
        sid: "EncryptBookmarks",
        actions: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"],
      })
    : []),
];

/** What whoever does a job's work needs to read encrypted files and to write encrypted output. */
export const dataKeyStatements = (
  encryption: Encryption | undefined,
  { reads, writes }: Readonly<Record<"reads" | "writes", readonly pulumi.Input<string>[]>>,
): readonly Statement[] => [
  ...useKeyForObjects(encryption, { sid: "DecryptInput", actions: ["kms:Decrypt"], bucketArns: reads }),
  ...useKeyForObjects(encryption, { sid: "EncryptOutput", actions: readAndWrite, bucketArns: writes }),
];
