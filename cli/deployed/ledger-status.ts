import type { FileEntry, FileState } from "../../functions/lib/queued/file-entry.ts";
import { describeError } from "../run/outcome.ts";

/** A file as `npm run status` tells of it. Times are ISO texts. */
export interface LedgerFile {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly state: string;
  /** How often a person has sent it again. */
  readonly generation?: number;
  readonly executionName?: string;
  readonly attempts?: number;
  readonly jobRunId?: string;
  readonly output?: string;
  readonly rowsIn?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  /** Why it failed or was rejected. */
  readonly reason?: string;
  readonly arrived?: string;
  readonly started?: string;
  readonly ended?: string;
}

/** What the ledger of a stack says of all of its files. */
export interface LedgerStatus {
  readonly counts: Readonly<Partial<Record<FileState, number>>>;
  /** The one that waits for the longest time. */
  readonly oldestWaiting?: LedgerFile;
  /** The last ones, the newest first. */
  readonly failed: readonly LedgerFile[];
}

/** Counts all files as they come; keeps but a few. `limit`: so many that failed. */
export async function ledgerStatus(entries: AsyncIterable<FileEntry>, limit: number): Promise<LedgerStatus> {
  const counts: Partial<Record<FileState, number>> = {};
  let oldest: FileEntry | undefined;
  let failed: FileEntry[] = [];
  for await (const entry of entries) {
    counts[entry.state] = (counts[entry.state] ?? 0) + 1;
    if (entry.state === "waiting" && entry.arrivedAt < (oldest?.arrivedAt ?? Infinity)) oldest = entry;
    if (entry.state !== "failed") continue;
    failed.push(entry);
    // Sorted now and then: memory does not grow with the files.
    if (failed.length >= 2 * limit + 100) failed = lastFailed(failed, limit);
  }
  return {
    counts,
    ...(oldest !== undefined && { oldestWaiting: ledgerFile(oldest) }),
    failed: lastFailed(failed, limit).map(ledgerFile),
  };
}

const lastFailed = (entries: readonly FileEntry[], limit: number): FileEntry[] =>
  entries.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0)).slice(0, limit);

export function ledgerFile(entry: FileEntry): LedgerFile {
  const { name, file, state, generation, executionName, attempts, jobRunId, output } = entry;
  const { rowsIn, rowsWritten, rowsRejected } = entry;
  const { bucket, key, versionId, size } = file;
  const reason = entry.reason ?? (entry.error === undefined ? undefined : describeError(entry.error, entry.cause));
  const time = (field: string, at: number | undefined): object =>
    at === undefined ? {} : { [field]: new Date(at).toISOString() };
  return {
    name,
    bucket,
    key,
    versionId,
    size,
    state,
    generation,
    ...(executionName !== undefined && { executionName }),
    ...(attempts !== undefined && { attempts }),
    ...(jobRunId !== undefined && { jobRunId }),
    ...(output !== undefined && { output: `s3://${output.bucket}/${output.prefix}` }),
    ...(rowsIn !== undefined && { rowsIn }),
    ...(rowsWritten !== undefined && { rowsWritten }),
    ...(rowsRejected !== undefined && { rowsRejected }),
    ...(reason !== undefined && { reason }),
    ...time("arrived", entry.arrivedAt),
    ...time("started", entry.startedAt),
    ...time("ended", entry.endedAt),
  };
}
