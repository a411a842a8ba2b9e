import { createHash } from "node:crypto";

/** What makes an uploaded object the one that it is. */
export interface ObjectIdentity {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  /** Absent where the bucket keeps no versions. */
  readonly versionId?: string;
  /** Orders the events of one key; tells one upload from the next where there is no version. */
  readonly sequencer: string;
}

/**
 * The name of the one execution for an object version, the same however often its event is delivered: a readable part
 * of the key, a dash, and a hash that only this version has. The eTag is left out: equal content uploaded twice is two
 * files.
 */
export function executionName({ bucket, key, versionId, sequencer }: ObjectIdentity): string {
  const identity = createHash("sha256")
    .update(`${bucket}\0${key}\0${versionId ?? sequencer}`)
    .digest("hex");
  return `${slug(key)}-${identity}`;
}

/** The last part of a key in at most 15 of the characters that execution names and logs allow. */
function slug(key: string): string {
  const basename = key.split("/").findLast((part) => part !== "") ?? "";
  const plain = basename
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 15)
    .replace(/-$/, "");
  return plain === "" ? "file" : plain;
}
