import type { LandedFile } from "../execution-input.ts";

/**
 * `waiting` for its execution to be started, `started`, and how it ended; `superseded`: a newer version of its key had
 * been taken on before it came, where the order of versions counts.
 */
export type FileState = "waiting" | "started" | "succeeded" | "failed" | "rejected" | "superseded";

/** The error of files whose execution was not begun: it had waited when `dispatch.mode` was changed. */
export const dispatchChanged = "Dispatch.Changed";

/** What the ledger knows of an object version. Times are milliseconds since the epoch. */
export interface FileEntry {
  /** Its identity: `executionName` of its object version. */
  readonly name: string;
  readonly file: LandedFile;
  readonly state: FileState;
  /** How often a person has sent it again. */
  readonly generation: number;
  /** The execution that took it; its own where there are no batches. */
  readonly executionName?: string;
  readonly arrivedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Job runs of its execution. */
  readonly attempts?: number;
  readonly jobRunId?: string;
  readonly output?: { readonly bucket: string; readonly prefix: string };
  /** Of its own; nothing where its job does not tell. */
  readonly rowsIn?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  /** Why it was rejected. */
  readonly reason?: string;
  /** Why it failed. */
  readonly error?: string;
  readonly cause?: string;
}

/**
 * The ledger's table: hash key `Partition`, range key `Id`, both text; time-to-live attribute `ExpiresAt`. A file's item
 * has its name as Partition and `file` as Id; what commands list, they scan for by Id and State.
 */
export const ledgerKeys = Object.freeze({ hash: "Partition", range: "Id", file: "file" });
