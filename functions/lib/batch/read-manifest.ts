import type { S3 } from "../aws.ts";
import { isRecord } from "../json.ts";
import type { ManifestFile } from "../queued/manifest.ts";
import { readObject } from "../s3-folder.ts";

/** What a job run must know of a file of its manifest. */
export type BatchFile = Pick<ManifestFile, "name" | "bucket" | "key" | "versionId" | "size">;

/** The manifest cannot be read: the run fails, since it does not know its files. */
class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * Reads the manifest that the argument `--manifest` names.
 *
 * @throws ManifestError where it is none; S3's own error where the object cannot be read
 */
export async function readManifest(s3: Pick<S3, "getObject">, argument: string): Promise<readonly BatchFile[]> {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(argument) ?? [];
  if (Key === "")
    throw new ManifestError(`argument --manifest must be s3://BUCKET/KEY, got ${JSON.stringify(argument)}`);
  const content = await readObject(s3, { Bucket, Key });
  return filesOf(Buffer.from(content).toString("utf8"), `the manifest ${argument}`);
}

function filesOf(text: string, where: string): readonly BatchFile[] {
  const manifest = parsed(text);
  if (!isRecord(manifest) || !Array.isArray(manifest.files)) {
    throw new ManifestError(`${where} must be a JSON object with an array "files"`);
  }
  const files = manifest.files.map((file: unknown, index) => fileOf(file, `${where}: files[${index}]`));
  const places = new Map<string, number>();
  for (const [index, { name }] of files.entries()) {
    const earlier = places.get(name);
    if (earlier !== undefined) {
      throw new ManifestError(`${where}: files[${earlier}] and files[${index}] have the same name: "${name}"`);
    }
    places.set(name, index);
  }
  return files;
}

function fileOf(file: unknown, where: string): BatchFile {
  const fields = isRecord(file) ? file : {};
  const { name, bucket, key, versionId, size } = fields;
  const wrong = (field: string, allowed: string): ManifestError =>
    new ManifestError(`${where}.${field} must be ${allowed}`);
  // The name decides where the file's output goes.
  if (typeof name !== "string" || !/^[0-9A-Za-z_-]{1,80}$/.test(name)) {
    throw wrong("name", '1 to 80 letters, digits, "-" and "_"');
  }
  if (typeof bucket !== "string" || bucket === "") throw wrong("bucket", "a bucket's name");
  if (typeof key !== "string" || key === "") throw wrong("key", "an object's key");
  if (typeof versionId !== "string" || versionId === "") throw wrong("versionId", 'a version, or "null"');
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0) throw wrong("size", "a number of bytes");
  return { name, bucket, key, versionId, size };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
