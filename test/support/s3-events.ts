/** One record of a notification as S3 sends it. */
export function s3Record(given: {
  readonly key?: string;
  readonly bucket?: string;
  readonly size?: unknown;
  readonly versionId?: string | undefined;
  readonly sequencer?: string | undefined;
  readonly eventName?: string;
}): object {
  const { key = "incoming/orders.csv", bucket = "landing", size = 1024, eventName = "ObjectCreated:Put" } = given;
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "eu-central-1",
    eventTime: "2026-01-05T09:00:00.000Z",
    eventName,
    userIdentity: { principalId: "AWS:AIDA" },
    requestParameters: { sourceIPAddress: "127.0.0.1" },
    responseElements: { "x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "id" },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "landing",
      bucket: { name: bucket, ownerIdentity: { principalId: "A3" }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key,
        size,
        eTag: "d41d8cd98f00b204e9800998ecf8427e",
        ...("versionId" in given
          ? given.versionId !== undefined && { versionId: given.versionId }
          : { versionId: "v1" }),
        ...("sequencer" in given
          ? given.sequencer !== undefined && { sequencer: given.sequencer }
          : { sequencer: "0055AED6DCD90281E5" }),
      },
    },
  };
}
