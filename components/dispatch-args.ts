/** Who takes a landed file through the job, and how many at once. */
export interface DispatchArgs {
  /**
   * An execution for each file; one for each batch of files; or functions alone, which call the job themselves and
   * remember each file in a table: cheaper, and with less to see. @default "per-file"
   */
  readonly mode?: DispatchMode;
  /**
   * Remembers each file with what became of it in a table, as batches, a cap and an order of versions do anyway: files
   * then wait in a queue, and none of these loses one. @default false
   */
  readonly ledger?: boolean;
  /** Days that the ledger remembers a file for, from its end; one that has not ended it never forgets. @default 90 */
  readonly ledgerRetentionDays?: number;
  /** What would be more waits until one has ended, without retries; 0: any number. @default 0 */
  readonly maxConcurrentExecutions?: number;
  /**
   * Whether the versions of a key are taken on one after the other: a newer one waits for the end of the older one's
   * execution, and one that comes after a newer was taken on is superseded. @default "none"
   */
  readonly order?: "none" | "per-key";
  /**
   * Files in a batch at the most, up to 10,000. A function is handed 6 MB of events at a time, which is some five
   * thousand files: batches get no larger than that. @default 1000
   */
  readonly maxFiles?: number;
  /** Bytes in a batch at the most; a larger file goes alone. @default 10 GiB */
  readonly maxBytes?: number;
  /** Seconds that a batch waits for more files, up to 300; at least 1 where it takes more than 10. @default 60 */
  readonly windowSeconds?: number;
}

export type DispatchMode = "per-file" | "batch" | "direct";

export const dispatchDefaults = Object.freeze({
  mode: "per-file",
  ledger: false,
  ledgerRetentionDays: 90,
  maxConcurrentExecutions: 0,
  order: "none",
  maxFiles: 1000,
  maxBytes: 10 * 1024 ** 3,
  windowSeconds: 60,
});

interface Dispatched {
  readonly dispatch?: DispatchArgs | undefined;
}

export const isDirect = ({ dispatch }: Dispatched): boolean => dispatch?.mode === "direct";

export const isBatched = ({ dispatch }: Dispatched): boolean => dispatch?.mode === "batch";

/** Whether files wait in a queue until they are taken on, with an entry each in the ledger. */
export const isQueued = ({ dispatch }: Dispatched): boolean => {
  const { mode, ledger, maxConcurrentExecutions, order } = { ...dispatchDefaults, ...dispatch };
  return mode === "batch" || (mode === "per-file" && (ledger || maxConcurrentExecutions > 0 || order !== "none"));
};
