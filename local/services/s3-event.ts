import type { ObjectVersion } from "./bucket.ts";

/** What happened to an object, without the `s3:` of the notification's configuration. */
export type ObjectEventName =
  "ObjectCreated:Put" | "ObjectCreated:Copy" | "ObjectRemoved:Delete" | "ObjectRemoved:DeleteMarkerCreated";

/** One record of the event document that S3 sends. */
export interface S3EventRecord {
  readonly eventVersion: "2.1";
  readonly eventSource: "aws:s3";
  readonly awsRegion: string;
  readonly eventTime: string;
  readonly eventName: ObjectEventName;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: { readonly "x-amz-request-id": string; readonly "x-amz-id-2": string };
  readonly s3: {
    readonly s3SchemaVersion: "1.0";
    readonly configurationId: string;
    readonly bucket: {
      readonly name: string;
      readonly ownerIdentity: { readonly principalId: string };
      readonly arn: string;
    };
    readonly object: {
      /** URL-encoded, a space as `+`. */
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer: string;
    };
  };
}

export interface ObjectEvent {
  readonly name: ObjectEventName;
  readonly bucket: string;
  readonly versioned: boolean;
  readonly key: string;
  readonly version: ObjectVersion;
  readonly sequencer: string;
  readonly requestId: string;
}

export const s3EventRecord = (event: ObjectEvent, configurationId: string, region: string): S3EventRecord => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  awsRegion: region,
  eventTime: new Date(event.version.lastModified).toISOString(),
  eventName: event.name,
  userIdentity: { principalId: "AWS:EMBEDDED" },
  requestParameters: { sourceIPAddress: "127.0.0.1" },
  responseElements: { "x-amz-request-id": event.requestId, "x-amz-id-2": event.requestId },
  s3: {
    s3SchemaVersion: "1.0",
    configurationId,
    bucket: {
      name: event.bucket,
      ownerIdentity: { principalId: "EMBEDDED" },
      arn: `arn:aws:s3:::${event.bucket}`,
    },
    object: {
      key: encodeKey(event.key),
      ...(event.name.startsWith("ObjectCreated:") && { size: event.version.size, eTag: event.version.eTag }),
      ...(event.versioned && { versionId: event.version.versionId }),
      sequencer: event.sequencer,
    },
  },
});

/** As S3 writes keys into events: form encoding, slashes kept. */
const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replaceAll("%2A", "*")
    .replaceAll("%20", "+");

/** Gives each event a text greater than those before it: the time, then a count within the millisecond. */
export const createSequencer = (): ((now: number) => string) => {
  let last = 0;
  let count = 0;
  return (now) => {
    count = now > last ? 0 : count + 1;
    last = Math.max(now, last);
    return (last.toString(16).padStart(12, "0") + count.toString(16).padStart(6, "0")).toUpperCase();
  };
};
