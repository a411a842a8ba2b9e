import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { invokeWith } from "../dispatching.ts";
import { failureMessageIn, type FailureMessage } from "../failure-messages.ts";
import type { HeldMessage } from "../held-messages.ts";
import { GivenUpError, withPatience } from "../retries.ts";
import type { Replayed } from "./tally.ts";
import { isWanted, type ReplayWork } from "./work.ts";

/** Takes a message again: what is under way then, unless that is told elsewhere; or leaves it to be taken later. */
export type Taker = (message: FailureMessage, held: HeldMessage) => Promise<Replayed | "taken" | "later">;

/** A message that cannot be taken again here. */
export class NotReplayable extends Error {
  override readonly name = "NotReplayable";
}

/**
 * Takes each message again and deletes it after that: should this die in between, the next time finds what was started.
 */
export async function replayMessages(work: ReplayWork, take: Taker): Promise<void> {
  const { options, messages, tally, isStopped } = work;
  for await (const held of messages.take()) {
    if (isStopped()) return;
    const message = failureMessageIn(held.body);
    if (!isWanted(options, held.sentAt, keysOf(message))) continue;
    try {
      const replayed = await take(message, held);
      if (replayed === "later") continue;
      if (replayed !== "taken") tally.add(replayed);
      if (!options.isDryRun) {
        await messages.delete(held);
        tally.deleted++;
      }
    } catch (error) {
      if (!(error instanceof GivenUpError || error instanceof NotReplayable)) throw error;
      tally.left.push({ what: `message ${held.id}`, why: error.message });
    }
  }
}

/** The takers of a stack without a queue: failed executions, and events that functions have failed on. */
export function startsAgain(work: ReplayWork): Taker {
  return async (message) => {
    switch (message.kind) {
      case "execution":
        return startAgain(work, message);
      case "event":
        return invokeAgain(work, message);
      case "unknown":
        throw new NotReplayable(message.why);
      case "arrival":
      case "file":
        throw new NotReplayable("it is for a queue of arrivals, which this stack does not have");
      case "reminder":
      case "result":
        throw new NotReplayable("it is for a queue of outcomes, which this stack does not have");
    }
  };
}

async function startAgain(
  { clients, deployment, options, sleep }: ReplayWork,
  { replayName: name, input, key }: Extract<FailureMessage, { kind: "execution" }>,
): Promise<Replayed> {
  const replayed = { kind: "execution", executionName: name, ...(key !== undefined && { key }) } as const;
  if (options.isDryRun) return replayed;
  try {
    const { stateMachineArn } = deployment.outputs;
    const start = new StartExecutionCommand({ stateMachineArn, name, input });
    await withPatience({ sleep }, async () => {
      await clients.stepFunctions.send(start);
      return undefined;
    });
    return replayed;
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionAlreadyExists") return { ...replayed, already: true };
    throw error;
  }
}

/** To the function that failed on it, which takes what it knows for done. */
export async function invokeAgain(
  { clients, options, sleep }: ReplayWork,
  { functionName, event, keys: [key] }: Extract<FailureMessage, { kind: "event" }>,
): Promise<Replayed> {
  // What fails again does so for a reason that no further try here takes away.
  if (!options.isDryRun) await invokeWith(clients.lambda, functionName, event, { sleep, tries: 2 });
  return { kind: "event", ...(key !== undefined && { key }) };
}

function keysOf(message: FailureMessage): readonly (string | undefined)[] {
  switch (message.kind) {
    case "execution":
      return [message.key];
    case "file":
      return [message.file.key];
    case "event":
    case "arrival":
    case "reminder":
    case "result":
      return message.keys;
    case "unknown":
      return [];
  }
}
