import { once } from "../environment.ts";
import { queuedContext, withinTime, type QueuedContext, type QueuedDependencies } from "./context.ts";
import { launchWaiting } from "./launch.ts";
import { answerFor, type BatchAnswer, type QueueEvent, type QueueMessage } from "./queue-event.ts";
import type { InvocationContext } from "../aws.ts";

/** A function that is handed a queue's messages. */
export type MessageHandler = (event: QueueEvent, invocation?: InvocationContext) => Promise<BatchAnswer>;

/**
 * Has messages worked on, then launches what there is room for: only then are they let go.
 * @param work gives the messages that are to come back, with the error of each
 */
export function messageHandler(
  deps: QueuedDependencies,
  work: (context: QueuedContext, messages: readonly QueueMessage[]) => Promise<ReadonlyMap<QueueMessage, unknown>>,
): MessageHandler {
  const created = once(() => queuedContext(deps));
  return async ({ Records }, invocation) => {
    const context = withinTime(created(), invocation);
    const failures = new Map(await work(context, Records));
    try {
      await launchWaiting(context);
    } catch (error) {
      for (const message of Records) failures.set(message, error);
    }
    return answerFor(failures, deps.log);
  };
}
