import { describedError } from "../described-error.ts";
import type { Dependencies } from "../aws.ts";

/** What of Lambda's event for a queue is read. */
export interface QueueEvent {
  readonly Records: readonly QueueMessage[];
}

export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes?: { readonly SentTimestamp?: string };
}

/** The messages that are to come back. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Has messages come back that could not be handled, and says why. */
export function answerFor(failures: ReadonlyMap<QueueMessage, unknown>, log: Dependencies["log"]): BatchAnswer {
  for (const [{ messageId, body }, error] of failures) {
    log({
      level: "ERROR",
      message: "left in the queue",
      messageId,
      body: body.slice(0, 1000),
      ...describedError(error),
    });
  }
  return { batchItemFailures: [...failures.keys()].map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
