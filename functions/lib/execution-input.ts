import type { CreatedObject } from "./events.ts";

/** A landed file, as executions and their results tell of it. */
export interface LandedFile {
  readonly bucket: string;
  readonly key: string;
  /** "null" where the bucket keeps no versions. */
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  readonly sequencer: string;
}

/** What one file's way through its job starts with. */
export interface ExecutionInput {
  readonly jobName: string;
  readonly arguments: LandedFile;
}

/** Made from the event alone, so that a redelivered event gives the same bytes. */
export function executionInput(
  jobName: string,
  { bucket, key, versionId, size, sequencer }: CreatedObject,
): ExecutionInput {
  return { jobName, arguments: { bucket, key, versionId: versionId ?? "null", size, sequencer } };
}
