import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { writeActions } from "./glue-job.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { dataKeyStatements } from "./security/glue-security.ts";

interface BucketOfFolders {
  readonly bucket: aws.s3.Bucket;
  /** The bucket's key. */
  readonly encryption: Encryption | undefined;
}

/** To use folders of a bucket; each ends with a slash, and what is written may be read. */
export const folderStatements = (
  { bucket: { arn }, encryption }: BucketOfFolders,
  { reads, writes }: Readonly<Record<"reads" | "writes", readonly string[]>>,
): readonly Statement[] => [
  ...(reads.length > 0 ? [{ sid: "ReadData", actions: ["s3:GetObject"], resources: objectsUnder(arn, reads) }] : []),
  { sid: "WriteData", actions: writeActions, resources: objectsUnder(arn, writes) },
  {
    sid: "ListData",
    actions: ["s3:ListBucket"],
    resources: [arn],
    conditions: { StringLike: { "s3:prefix": [...reads, ...writes].map((folder) => `${folder}*`) } },
  },
  ...dataKeyStatements(encryption, { reads: [arn], writes: [arn] }),
];

/** All objects of folders of a bucket. */
export const objectsUnder = (
  bucketArn: pulumi.Input<string>,
  folders: readonly string[],
): readonly pulumi.Output<string>[] => folders.map((folder) => pulumi.interpolate`${bucketArn}/${folder}*`);
