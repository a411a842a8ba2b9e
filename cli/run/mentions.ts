import { isObject, parsed, textAt } from "./json.ts";

interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** How deep a payload is searched: an S3 record inside a queue's record is the deepest that matters. */
const DEPTH = 8;

/** The S3 objects that a payload names: S3's event records, job arguments, or `{bucket, key}`. */
export function objectsIn(payload: unknown, depth = DEPTH): readonly ObjectName[] {
  const value = parsed(payload);
  if (depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((item) => objectsIn(item, depth - 1));
  if (!isObject(value)) return [];
  const inner = Object.values(value)
    .filter((item) => typeof item === "object")
    .flatMap((item) => objectsIn(item, depth - 1));
  return [...recorded(value), ...plain(value, "bucket", "key"), ...plain(value, "--bucket", "--key"), ...inner];
}

/** S3 encodes keys in its notifications, with plus signs for spaces. */
function recorded(value: Readonly<Record<string, unknown>>): readonly ObjectName[] {
  const bucket = textAt(value, "s3", "bucket", "name");
  const key = textAt(value, "s3", "object", "key");
  if (bucket === undefined || key === undefined) return [];
  try {
    return [{ bucket, key: decodeURIComponent(key.replaceAll("+", " ")) }];
  } catch {
    return [{ bucket, key }];
  }
}

function plain(value: Readonly<Record<string, unknown>>, bucketName: string, keyName: string): readonly ObjectName[] {
  const bucket = textAt(value, bucketName);
  const key = textAt(value, keyName);
  return bucket === undefined || key === undefined ? [] : [{ bucket, key }];
}
