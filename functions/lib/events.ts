import { isRecord } from "./json.ts";
import type { ObjectIdentity } from "./execution-name.ts";

/** An uploaded object version. */
export interface CreatedObject extends ObjectIdentity {
  /** Bytes. */
  readonly size: number;
}

/** What a record of a notification turns out to be. */
export type NotificationRecord =
  | { readonly kind: "created"; readonly object: CreatedObject }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "malformed"; readonly problem: string };

class Malformed extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a notification of S3, record by record: one that cannot be read does not hide the others. Deletions, S3's own
 * test event and the markers that consoles make for folders are ignored.
 */
export function readNotification(event: unknown): readonly NotificationRecord[] {
  if (!isRecord(event)) return [{ kind: "malformed", problem: `The event must be an object, got ${shown(event)}` }];
  if (event.Event === "s3:TestEvent") return [{ kind: "ignored", reason: "S3's test of the notification" }];
  const records: unknown = event.Records;
  if (!Array.isArray(records)) {
    return [{ kind: "malformed", problem: `Records must be a list, got ${shown(records)}` }];
  }
  return records.map((record: unknown, index) => readRecord(record, `Records[${index}]`));
}

function readRecord(record: unknown, path: string): NotificationRecord {
  try {
    const fields = object(record, path);
    const name = text(fields.eventName, `${path}.eventName`).replace(/^s3:/, "");
    if (!name.startsWith("ObjectCreated:")) return { kind: "ignored", reason: `${name} is no upload` };
    const created = createdObject(object(fields.s3, `${path}.s3`), `${path}.s3`);
    if (created.key.endsWith("/") && created.size === 0) {
      return { kind: "ignored", reason: `${created.bucket}/${created.key} is a folder marker` };
    }
    return { kind: "created", object: created };
  } catch (error) {
    if (error instanceof Malformed) return { kind: "malformed", problem: error.message };
    throw error;
  }
}

function createdObject(s3: Fields, path: string): CreatedObject {
  const bucket = object(s3.bucket, `${path}.bucket`);
  const file = object(s3.object, `${path}.object`);
  const size = file.size;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new Malformed(`${path}.object.size must be a number of bytes, got ${shown(size)}`);
  }
  const versionId = versionOf(file, path);
  return {
    bucket: text(bucket.name, `${path}.bucket.name`),
    key: decodedKey(text(file.key, `${path}.object.key`), `${path}.object.key`),
    size,
    // A version says which upload it was; only without one it takes the sequencer.
    sequencer:
      versionId !== undefined && file.sequencer === undefined ? "" : text(file.sequencer, `${path}.object.sequencer`),
    ...(versionId !== undefined && { versionId }),
  };
}

/** Every upload to a bucket that keeps no versions has the version "null": it tells nothing. */
function versionOf(file: Fields, path: string): string | undefined {
  const version = file.versionId ?? undefined;
  if (version === undefined || version === "null") return undefined;
  return text(version, `${path}.object.versionId`);
}

/** Keys come URL-encoded, spaces as `+`. */
function decodedKey(encoded: string, path: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    throw new Malformed(`${path} must be URL-encoded UTF-8, got ${shown(encoded)}`);
  }
}

function object(value: unknown, path: string): Fields {
  if (isRecord(value)) return value;
  throw new Malformed(`${path} must be an object, got ${shown(value)}`);
}

function text(value: unknown, path: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Malformed(`${path} must be a text, got ${shown(value)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 200);
}
