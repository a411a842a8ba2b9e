import type { LandedFile } from "../execution-input.ts";

/** A file as the manifest of its batch tells of it. */
export interface ManifestFile extends LandedFile {
  /** The file's identity: `executionName` of its object version. */
  readonly name: string;
  /** How often a person has sent it again. */
  readonly generation: number;
}

/** What one execution of a batch takes: an object of the output bucket, JSON. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
}

/** Where the manifest of an execution is in the output bucket. */
export const manifestKey = (executionName: string): string => `manifests/${executionName}.json`;

/** What became of a file of a batch: a line of `files.jsonl`, which the job writes beside its summary. */
export interface FileOutcome {
  readonly name: string;
  readonly outcome: "succeeded" | "failed";
  /** Where the file's own output is, of one that succeeded. */
  readonly output?: { readonly bucket: string; readonly prefix: string };
  readonly rowsIn?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  /** Of one that failed. */
  readonly error?: string;
  readonly cause?: string;
}

/** Where the job writes what became of each file of a batch. */
export const outcomesKey = (executionName: string): string => `summary/execution=${executionName}/files.jsonl`;
