import type { Bucket, ObjectVersion } from "./bucket.ts";
import { ServiceError } from "./service.ts";

export interface ListObjectsInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  /** From 1 to 1,000. */
  readonly MaxKeys?: number;
  readonly StartAfter?: string;
  readonly ContinuationToken?: string;
}

export interface ListedObject {
  readonly Key: string;
  readonly Size: number;
  readonly ETag: string;
  readonly LastModified: Date;
  readonly StorageClass: "STANDARD";
}

export interface ListObjectsOutput {
  readonly Name: string;
  readonly Prefix: string;
  readonly MaxKeys: number;
  readonly KeyCount: number;
  readonly IsTruncated: boolean;
  readonly NextContinuationToken?: string;
  readonly Contents?: readonly ListedObject[];
  readonly CommonPrefixes?: readonly { readonly Prefix: string }[];
}

type Entry =
  | { readonly kind: "object"; readonly key: string; readonly version: ObjectVersion }
  | { readonly kind: "prefix"; readonly prefix: string };

/** ListObjectsV2: one page of what is in a bucket, by key. */
export const listObjects = (bucket: Bucket, input: ListObjectsInput): ListObjectsOutput => {
  const limit = Math.min(input.MaxKeys ?? 1000, 1000);
  const after = input.ContinuationToken === undefined ? (input.StartAfter ?? "") : decodeToken(input.ContinuationToken);
  const page: Entry[] = [];
  let truncated = false;
  for (const entry of entries(bucket, input, after)) {
    truncated = page.length === limit;
    if (truncated) break;
    page.push(entry);
  }
  const contents = page.flatMap((entry) => (entry.kind === "object" ? [listed(entry.key, entry.version)] : []));
  const prefixes = page.flatMap((entry) => (entry.kind === "prefix" ? [{ Prefix: entry.prefix }] : []));
  const last = page.at(-1);
  return {
    Name: bucket.name,
    Prefix: input.Prefix ?? "",
    MaxKeys: limit,
    KeyCount: page.length,
    IsTruncated: truncated,
    ...(truncated && last !== undefined && { NextContinuationToken: encodeToken(last) }),
    ...(contents.length > 0 && { Contents: contents }),
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
  };
};

const entries = function* (bucket: Bucket, input: ListObjectsInput, after: string): Generator<Entry> {
  const { Prefix: prefix = "", Delimiter: delimiter = "" } = input;
  let common: string | undefined;
  for (const key of bucket.keys(prefix, after)) {
    const version = bucket.current(key);
    if (version === undefined) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end === -1) {
      yield { kind: "object", key, version };
      continue;
    }
    const group = key.slice(0, end + delimiter.length);
    if (group === common || group === after) continue;
    common = group;
    yield { kind: "prefix", prefix: group };
  }
};

const listed = (key: string, { size, eTag, lastModified }: ObjectVersion): ListedObject => ({
  Key: key,
  Size: size,
  ETag: `"${eTag}"`,
  LastModified: new Date(lastModified),
  StorageClass: "STANDARD",
});

const encodeToken = (entry: Entry): string =>
  Buffer.from(entry.kind === "object" ? entry.key : entry.prefix).toString("base64url");

const decodeToken = (token: string): string => {
  const after = Buffer.from(token, "base64url").toString();
  if (Buffer.from(after).toString("base64url") === token) return after;
  throw new ServiceError("InvalidArgument", `The continuation token provided is incorrect: "${token}"`);
};
