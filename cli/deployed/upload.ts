import { createReadStream } from "node:fs";
import type { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { PlannedUpload } from "../run/landing.ts";
import type { UploadedObject } from "./executions.ts";

const MIB = 1024 ** 2;
/** S3 takes so many parts of an object, and no part but the last below 5 MiB. */
const MOST_PARTS = 10_000;
const SMALLEST_PART = 8 * MIB;

/** Bytes of a part, so that a file of this size fits. */
export const partSize = (size: number): number =>
  Math.max(SMALLEST_PART, Math.ceil(Math.ceil(size / MOST_PARTS) / MIB) * MIB);

export interface UploadOptions {
  /** Bytes that have arrived so far. */
  readonly onProgress: (loaded: number) => void;
  /** Parts that have arrived are removed when this is aborted, or when a part fails for good. */
  readonly signal: AbortSignal;
}

/** Uploads a file, in parts if it is large. Nothing of it is seen in the bucket until all of it is there. */
export async function uploadFile(
  s3: S3Client,
  { path, size, bucket, key }: PlannedUpload,
  { onProgress, signal }: UploadOptions,
): Promise<UploadedObject> {
  signal.throwIfAborted();
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: key, Body: createReadStream(path) },
    partSize: partSize(size),
  });
  upload.on("httpUploadProgress", ({ loaded }) => {
    onProgress(loaded ?? 0);
  });
  const abort = (): void => void upload.abort();
  signal.addEventListener("abort", abort);
  try {
    const { VersionId: versionId } = await upload.done();
    return { bucket, key, ...(versionId === undefined || versionId === "null" ? {} : { versionId }) };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Does a piece of work for each item, so many at a time. */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
