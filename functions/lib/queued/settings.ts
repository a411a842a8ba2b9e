/** How files that wait in a queue become executions. */
export interface QueuedSettings {
  /** An execution for each file, or one for each batch of files. */
  readonly mode: "per-file" | "batch";
  /** Files that one execution takes at the most. */
  readonly maxFiles: number;
  /** Bytes that one execution takes at the most; a larger file goes alone. */
  readonly maxBytes: number;
  /** Executions at once; 0: any number. */
  readonly maxConcurrentExecutions: number;
  /** Whether the versions of a key are taken on one after the other, in the order of their sequencers. */
  readonly order: "none" | "per-key";
  /** What a file must be to be taken on; of batches, whose executions see only their manifest. */
  readonly validation?: {
    readonly extensions: readonly string[];
    readonly minFileBytes: number;
    readonly maxFileBytes: number;
  };
  /** Days that the ledger remembers a file for, from its end; one that has not ended it never forgets. */
  readonly retentionDays: number;
}
