import type { Bucket, ObjectVersion } from "./bucket.ts";
import { ServiceError } from "./service.ts";

export interface ListObjectVersionsInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  /** From 1 to 1,000. */
  readonly MaxKeys?: number;
  /** What comes behind this key; with a version id behind that version of it. */
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
  /** Here keys are answered as they are. */
  readonly EncodingType?: "url";
}

interface ListedVersion {
  readonly Key: string;
  readonly VersionId: string;
  readonly IsLatest: boolean;
  readonly LastModified: Date;
}

export interface ListObjectVersionsOutput {
  readonly Name: string;
  readonly Prefix: string;
  readonly MaxKeys: number;
  readonly IsTruncated: boolean;
  readonly NextKeyMarker?: string;
  readonly NextVersionIdMarker?: string;
  readonly Versions?: readonly (ListedVersion & { readonly Size: number; readonly ETag: string })[];
  readonly DeleteMarkers?: readonly ListedVersion[];
}

interface Entry {
  readonly listed: ListedVersion;
  readonly version: ObjectVersion;
}

/** ListObjectVersions: one page of all versions in a bucket, by key, the newest of a key first. */
export const listObjectVersions = (bucket: Bucket, input: ListObjectVersionsInput): ListObjectVersionsOutput => {
  const limit = Math.min(input.MaxKeys ?? 1000, 1000);
  const page: Entry[] = [];
  let truncated = false;
  for (const entry of entries(bucket, input)) {
    truncated = page.length === limit;
    if (truncated) break;
    page.push(entry);
  }
  const versions = page.flatMap(({ listed, version }) =>
    version.deleteMarker ? [] : [{ ...listed, Size: version.size, ETag: `"${version.eTag}"` }],
  );
  const marks = page.flatMap(({ listed, version }) => (version.deleteMarker ? [listed] : []));
  const last = page.at(-1)?.listed;
  return {
    Name: bucket.name,
    Prefix: input.Prefix ?? "",
    MaxKeys: limit,
    IsTruncated: truncated,
    ...(truncated && last !== undefined && { NextKeyMarker: last.Key, NextVersionIdMarker: last.VersionId }),
    ...(versions.length > 0 && { Versions: versions }),
    ...(marks.length > 0 && { DeleteMarkers: marks }),
  };
};

const entries = function* (bucket: Bucket, input: ListObjectVersionsInput): Generator<Entry> {
  const { Prefix: prefix = "", KeyMarker: after = "", VersionIdMarker: afterVersion } = input;
  if (afterVersion !== undefined) {
    const newestFirst = entriesOf(bucket, after);
    const index = newestFirst.findIndex(({ version }) => version.versionId === afterVersion);
    if (after === "" || index < 0) {
      throw new ServiceError("InvalidArgument", `The version-id marker is not a version of "${after}"`);
    }
    if (after.startsWith(prefix)) yield* newestFirst.slice(index + 1);
  }
  for (const key of bucket.keys(prefix, after)) yield* entriesOf(bucket, key);
};

const entriesOf = (bucket: Bucket, key: string): readonly Entry[] =>
  bucket.versions(key).map((version, index) => ({
    listed: {
      Key: key,
      VersionId: version.versionId,
      IsLatest: index === 0,
      LastModified: new Date(version.lastModified),
    },
    version,
  }));
