import { isRecord } from "../json.ts";
import { readObject } from "../s3-folder.ts";
import { describedError } from "../described-error.ts";
import type { Dependencies, S3 } from "../aws.ts";
import type { FileEntry } from "./file-entry.ts";

/** Rows that a run has read, has written and has rejected, as far as it tells. */
export type Rows = Partial<Pick<FileEntry, "rowsIn" | "rowsWritten" | "rowsRejected">>;

const fields = ["rowsIn", "rowsWritten", "rowsRejected"] as const;

/** The numbers of rows among what a job tells. */
export function rowsIn(told: unknown): Rows {
  if (!isRecord(told)) return {};
  return Object.fromEntries(fields.flatMap((field) => (isCount(told[field]) ? [[field, told[field]]] : [])));
}

const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** Where the single job of an execution writes what it has done. */
export const summaryKey = (executionName: string): string => `summary/execution=${executionName}/summary.json`;

/** Tells the rows of executions that have succeeded. */
export type ReadRows = (executionName: string) => Promise<Rows>;

/**
 * Rows as the job's own summary tells them: a script need not write one. How a file ended is known without it, so
 * whatever is wrong with it is logged, and never thrown.
 */
export function rowsFromSummaries(s3: Pick<S3, "getObject">, Bucket: string, log: Dependencies["log"]): ReadRows {
  return async (executionName) => {
    try {
      const content = await readObject(s3, { Bucket, Key: summaryKey(executionName) });
      return rowsIn(JSON.parse(Buffer.from(content).toString()));
    } catch (error) {
      const isAbsent = error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound");
      if (!isAbsent) log({ level: "WARN", message: "rows unknown", executionName, ...describedError(error) });
      return {};
    }
  };
}
