import { queuedClients } from "./clients/queued.ts";
import { isRecord } from "./lib/json.ts";
import { readArrival } from "./lib/queued/arrivals.ts";
import { messageHandler, type MessageHandler } from "./lib/queued/handle-messages.ts";
import { take } from "./lib/queued/take.ts";
import type { QueuedContext, QueuedDependencies } from "./lib/queued/context.ts";
import type { Request } from "./lib/queued/file-ledger.ts";
import type { BatchAnswer, QueueEvent, QueueMessage } from "./lib/queued/queue-event.ts";

/** A notification that came without a queue could not be dispatched. Thrown, it has Lambda deliver it again. */
class NotDispatchedError extends Error {
  override readonly name = "NotDispatchedError";
}

/**
 * Takes on the files that the messages of the arrivals queue speak of, and launches what there is room for. A message is
 * let go once each of its files is safe; all others come back.
 *
 * Before the files waited in a queue, S3 called this function itself: what was under way then comes as it was sent.
 */
export function createHandler(deps: QueuedDependencies): MessageHandler {
  const handle = messageHandler(deps, takeAll);
  return async (event, invocation): Promise<BatchAnswer> => {
    if (isFromQueue(event)) return handle(event, invocation);
    const message = { messageId: invocation?.awsRequestId ?? "", body: JSON.stringify(event) };
    const answer = await handle({ Records: [message] }, invocation);
    if (answer.batchItemFailures.length === 0) return answer;
    throw new NotDispatchedError(`The log says why this could not be dispatched: ${message.body.slice(0, 1000)}`);
  };
}

/** Gives the messages with files that are not safe. */
async function takeAll(
  context: QueuedContext,
  messages: readonly QueueMessage[],
): Promise<ReadonlyMap<QueueMessage, unknown>> {
  const failures = new Map<QueueMessage, unknown>();
  const messageOf = new Map<Request, QueueMessage>();
  for (const message of messages) {
    const { files, problems } = readArrival(message.body);
    if (problems.length > 0) failures.set(message, new Error(problems.join("; ")));
    const arrivedAt = Number(message.attributes?.SentTimestamp ?? context.now());
    for (const file of files) messageOf.set({ ...file, arrivedAt }, message);
  }
  const failed = await take(context, [...messageOf.keys()]);
  for (const [request, error] of failed) {
    const message = messageOf.get(request);
    if (message !== undefined) failures.set(message, error);
  }
  const counts = { messages: messages.length, files: messageOf.size, left: failures.size };
  context.log({ level: "INFO", message: "dispatched", ...counts });
  return failures;
}

const isFromQueue = (event: unknown): event is QueueEvent =>
  isRecord(event) &&
  Array.isArray(event.Records) &&
  event.Records.every((each: unknown) => isRecord(each) && typeof each.body === "string");

export const handler = createHandler(queuedClients());
