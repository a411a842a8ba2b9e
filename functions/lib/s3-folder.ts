import type { ObjectLocation, S3 } from "./aws.ts";
import { listFolder, type Folder } from "./bookmark.ts";

/** The folder that an `s3://` URI with a slash at its end names. `what` is named where it does not: an argument. */
export function folderOf(uri: string | undefined, what: string): Folder {
  const [, Bucket, Prefix = ""] = /^s3:\/\/([^/]+)\/(.*\/)?$/.exec(uri ?? "") ?? [];
  if (Bucket === undefined) throw new Error(`${what} must be s3://BUCKET/PREFIX/, got ${JSON.stringify(uri ?? null)}`);
  return { Bucket, Prefix };
}

/** A folder in a folder. @param path ends with a slash */
export function within({ Bucket, Prefix }: Folder, path: string): Folder {
  return { Bucket, Prefix: `${Prefix}${path}` };
}

/** An object's whole content. */
export async function readObject(s3: Pick<S3, "getObject">, location: ObjectLocation): Promise<Uint8Array> {
  const { Body } = await s3.getObject(location);
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Has one file in a folder, and no other that is not hidden. The file is replaced at once: no reader finds it missing. */
export async function replaceFolder(
  s3: Pick<S3, "putObject" | "deleteObject" | "listObjectsV2">,
  folder: Folder,
  file: { readonly name: string; readonly body: Uint8Array; readonly contentType: string },
): Promise<void> {
  const { Bucket, Prefix } = folder;
  const Key = `${Prefix}${file.name}`;
  await s3.putObject({ Bucket, Key, Body: file.body, ContentType: file.contentType });
  await clearFolder(s3, folder, Key);
}

/** Deletes what is in a folder and not hidden. @param but a key that stays */
export async function clearFolder(
  s3: Pick<S3, "deleteObject" | "listObjectsV2">,
  folder: Folder,
  but?: string,
): Promise<void> {
  for (const { Key } of await listFolder(s3, folder)) {
    if (Key !== but) await s3.deleteObject({ Bucket: folder.Bucket, Key });
  }
}
