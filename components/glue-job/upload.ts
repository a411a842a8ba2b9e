import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { fileURLToPath } from "node:url";
import type { AnyJob } from "./kinds.ts";
import { nameOf, readLocalFile, type LocalFile } from "./local-files.ts";
import { fileFields, type ArgumentParts } from "./managed-arguments.ts";

/**
 * Puts a file into the artifacts bucket. The hash in the key makes a changed file a changed job; the basename stays, as
 * imports and people know it.
 */
const upload = (
  name: string,
  { folder, file, bucket }: { readonly folder: string; readonly file: LocalFile; readonly bucket: aws.s3.Bucket },
  parent: pulumi.Resource,
): aws.s3.BucketObjectv2 =>
  new aws.s3.BucketObjectv2(
    name,
    { bucket: bucket.id, key: `${folder}/${file.hash}/${file.name}`, source: new pulumi.asset.FileAsset(file.path) },
    { parent },
  );

const uriOf = ({ bucket, key }: aws.s3.BucketObjectv2): pulumi.Output<string> =>
  pulumi.interpolate`s3://${bucket}/${key}`;

/** Uploads the script; gives its `s3://` URI. */
export const uploadScript = (
  name: string,
  script: URL,
  bucket: aws.s3.Bucket,
  parent: pulumi.Resource,
): pulumi.Output<string> => {
  const path = fileURLToPath(script);
  const file = readLocalFile(path, nameOf(script).name);
  return uriOf(upload(`${name}-script`, { folder: "scripts", file, bucket }, parent));
};

/** Uploads what the job is given besides its script; what is in S3 already stays there. */
export const uploadFiles = (
  name: string,
  job: AnyJob,
  bucket: aws.s3.Bucket,
  parent: pulumi.Resource,
): ArgumentParts["files"] =>
  Object.fromEntries(
    fileFields.map((field) => {
      const uris = (job[field] ?? []).map((given) => {
        const { name: fileName, path } = nameOf(given);
        if (path === undefined) return String(given);
        const file = readLocalFile(path, fileName);
        return uriOf(upload(`${name}-${field}-${fileName}`, { folder: "files", file, bucket }, parent));
      });
      return [field, uris];
    }),
  );
