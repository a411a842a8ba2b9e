import type { ResourceKinds } from "./kinds.ts";

/** Who may use a key is asked at each use; nothing is really encrypted. */
export const kmsKinds: ResourceKinds = {
  "aws:kms/key:Key": {
    honoured: ["policy"],
    ignored: {
      enableKeyRotation: "a key is never old here",
      deletionWindowInDays: "nothing is destroyed here",
    },
  },
  "aws:kms/alias:Alias": { honoured: ["name", "namePrefix", "targetKeyId"] },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    honoured: ["bucket", "rules"],
  },
};
