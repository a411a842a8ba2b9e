import { dispatchDefaults, type DispatchArgs } from "../dispatch-args.ts";
import { dispatchBounds } from "../rules/dispatch-bounds.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack config says of who takes files through the job. */
export const readDispatch = (read: ConfigReader): DispatchArgs => ({
  mode: read.oneOf("dispatch", ["per-file", "batch", "direct"], dispatchDefaults.mode),
  maxFiles: read.integer("batchMaxFiles", dispatchDefaults.maxFiles, dispatchBounds.maxFiles),
  maxBytes: read.integer("batchMaxBytes", dispatchDefaults.maxBytes, dispatchBounds.maxBytes),
  windowSeconds: read.integer("batchWindowSeconds", dispatchDefaults.windowSeconds, dispatchBounds.windowSeconds),
  maxConcurrentExecutions: read.integer(
    "maxConcurrentExecutions",
    dispatchDefaults.maxConcurrentExecutions,
    dispatchBounds.maxConcurrentExecutions,
  ),
  order: read.oneOf("fileOrder", ["none", "per-key"], dispatchDefaults.order),
  ledger: read.boolean("ledger", dispatchDefaults.ledger),
  ledgerRetentionDays: read.integer(
    "ledgerRetentionDays",
    dispatchDefaults.ledgerRetentionDays,
    dispatchBounds.ledgerRetentionDays,
  ),
});
