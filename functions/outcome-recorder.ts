import { queuedClients } from "./clients/queued.ts";
import { messageHandler, type MessageHandler } from "./lib/queued/handle-messages.ts";
import { readOutcomeMessage } from "./lib/queued/outcome-messages.ts";
import { failuresOf } from "./lib/queued/parallel.ts";
import { followUp, record } from "./lib/queued/record.ts";
import type { QueuedDependencies } from "./lib/queued/context.ts";

/** Of one queue's batch: an outcome takes writes for each file of its execution. */
const messagesAtOnce = 4;

/**
 * Records what executions tell of their end, and looks at those that reminders speak of; then launches what waits for
 * the slots that have become free.
 */
export function createHandler(deps: QueuedDependencies): MessageHandler {
  return messageHandler(deps, (context, messages) =>
    failuresOf(messages, messagesAtOnce, async ({ body }) => {
      context.requireTime();
      const message = readOutcomeMessage(body);
      if (message.kind === "reminder") await followUp(context, message.reminder);
      else await record(context, message.result);
    }),
  );
}

export const handler = createHandler(queuedClients());
