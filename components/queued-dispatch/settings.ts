import type { QueuedSettings } from "../../functions/lib/queued/settings.ts";
import { dispatchDefaults, type DispatchArgs } from "../dispatch-args.ts";
import type { Validation } from "../file-validation.ts";

/** What both functions of queued dispatch go by. */
export const queuedSettings = (given: DispatchArgs, validation: Required<Validation>): QueuedSettings => {
  const dispatch = { ...dispatchDefaults, ...given };
  const isBatched = dispatch.mode === "batch";
  return {
    mode: isBatched ? "batch" : "per-file",
    maxFiles: isBatched ? dispatch.maxFiles : 1,
    maxBytes: dispatch.maxBytes,
    maxConcurrentExecutions: dispatch.maxConcurrentExecutions,
    order: dispatch.order,
    // The state machine looks at a file that has an execution of its own.
    ...(isBatched && { validation }),
    retentionDays: dispatch.ledgerRetentionDays,
  };
};
