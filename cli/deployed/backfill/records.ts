import type { LandedVersion } from "./versions.ts";

/**
 * The record that S3 would have told of a version with, as far as the dispatcher reads it. A listing knows no
 * sequencer: the version alone says which upload it was, so the execution's name is the one that it would have had.
 */
export const recordOf = ({ bucket, key, versionId, size, lastModified }: LandedVersion): object => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  eventTime: new Date(lastModified).toISOString(),
  eventName: "ObjectCreated:Put",
  s3: {
    s3SchemaVersion: "1.0",
    configurationId: "backfill",
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    object: { key: encodedKey(key), size, versionId },
  },
});

/** As keys stand in notifications: form encoding, slashes kept. */
export const encodedKey = (key: string): string =>
  encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
