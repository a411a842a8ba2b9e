import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { literally, type Statement } from "../policy.ts";
import type { Integration } from "./states.ts";

/** What distributed maps read their items from and write their results to. */

/** The objects of a prefix, each `{Key, Size, LastModified, Etag, StorageClass}`. */
export const listObjects = (bucket: aws.s3.Bucket, prefix: string): Integration => ({
  resource: "arn:aws:states:::s3:listObjectsV2",
  permissions: [
    {
      sid: "ListItems",
      actions: ["s3:ListBucket"],
      resources: [bucket.arn],
      ...(prefix !== "" && { conditions: { StringLike: { "s3:prefix": `${literally(prefix)}*` } } }),
    },
  ],
});

/** The entries of an object; a key that is only known while the execution runs may be any of the bucket's. */
export const readObject = (bucket: aws.s3.Bucket, key: pulumi.Input<string>): Integration => ({
  resource: "arn:aws:states:::s3:getObject",
  permissions: [
    {
      sid: "ReadItems",
      actions: ["s3:GetObject", "s3:GetObjectVersion"],
      resources: [
        pulumi
          .output(key)
          .apply((name) => pulumi.interpolate`${bucket.arn}/${name.startsWith("{%") ? "*" : literally(name)}`),
      ],
    },
  ],
});

/** Files of what came of the items, and a manifest that lists them. */
export const writeObjects = (
  bucket: aws.s3.Bucket,
  prefix: string,
  permissions: readonly Statement[] = [],
): Integration => ({
  resource: "arn:aws:states:::s3:putObject",
  permissions: [
    {
      sid: "WriteResults",
      actions: ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
      resources: [pulumi.interpolate`${bucket.arn}/${literally(prefix)}*`],
    },
    ...permissions,
  ],
});
