import type { ResourceKinds } from "./kinds.ts";

export const s3Kinds: ResourceKinds = {
  "aws:s3/bucket:Bucket": { honoured: ["bucket", "bucketPrefix"] },
  "aws:s3/bucketNotification:BucketNotification": { honoured: ["bucket", "lambdaFunctions", "queues", "topics"] },
  "aws:s3/bucketPolicy:BucketPolicy": { honoured: ["bucket", "policy"] },
  "aws:s3/bucketVersioning:BucketVersioning": { honoured: ["bucket", "versioningConfiguration"] },
};
