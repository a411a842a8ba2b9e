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
  /** Whether the job keeps bookmarks: those it encrypts itself. */
  readonly bookmarks: boolean;
}

/** What a Glue job's role needs besides what its data asks for. */
export const jobKeyStatements = (
  encryption: Encryption | undefined,
  { artifacts, writesArtifacts, bookmarks }: JobKeyUse,
): readonly Statement[] => [
  ...useKeyForObjects(encryption, {
    sid: "UseArtifacts",
    actions: writesArtifacts ? ["kms:GenerateDataKey", "kms:Decrypt"] : ["kms:Decrypt"],
    bucketArns: [artifacts.arn],
  }),
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
  ...useKeyForObjects(encryption, {
    sid: "EncryptOutput",
    // Parts of an upload are decrypted again to be put together.
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    bucketArns: writes,
  }),
];
