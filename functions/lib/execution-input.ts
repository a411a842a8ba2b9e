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

/** What one file's way through stages starts with, whose jobs the state machine names. */
export type StagesInput = Omit<ExecutionInput, "jobName">;

/** Made from the event alone, so that a redelivered event gives the same bytes. */
export function executionInput(jobName: string, object: CreatedObject): ExecutionInput;
export function executionInput(jobName: string | undefined, object: CreatedObject): ExecutionInput | StagesInput;
export function executionInput(
  jobName: string | undefined,
  { bucket, key, versionId, size, sequencer }: CreatedObject,
): ExecutionInput | StagesInput {
  const file = { arguments: { bucket, key, versionId: versionId ?? "null", size, sequencer } };
  return jobName === undefined ? file : { jobName, ...file };
}
