import type { Sqs } from "../aws.ts";
import { advance, type DirectContext } from "./steps.ts";
import type { Entry, Step } from "./entry.ts";

/** A reminder of a file: it is to be taken on when the message arrives. */
export interface WatchMessage {
  readonly executionName: string;
  readonly turn: number;
}

/** A queue delays no message for longer. */
const longestDelaySeconds = 900;

export interface WatchContext extends DirectContext {
  readonly sqs: Sqs;
  readonly watchQueueUrl: string;
}

/**
 * Takes a file on, and has itself reminded of it until it is done. The reminder is sent before the turn is noted: as
 * long as a file is not done there is a message of its turn or of a later one.
 */
export async function takeOn(context: WatchContext, seen: Entry, steps?: readonly Step[]): Promise<Entry> {
  const { entry, waitSeconds } = await advance(context, seen, steps);
  return entry.step === "Done" ? entry : remind(context, entry, waitSeconds);
}

/** What a message asks for. False: it has been overtaken. */
export async function follow(context: WatchContext, { executionName, turn }: WatchMessage): Promise<boolean> {
  const entry = await context.ledger.get(executionName);
  if (entry === undefined) throw new Error(`The ledger has no entry ${executionName}`);
  if (entry.step === "Done" || turn < entry.turn) return false;
  const left = Math.ceil((entry.due - context.now()) / 1000);
  // Waits may be longer than a queue can delay.
  if (left > 0) await remind(context, entry, left);
  else await takeOn(context, entry);
  return true;
}

async function remind(context: WatchContext, entry: Entry, waitSeconds: number): Promise<Entry> {
  const turn = entry.turn + 1;
  await sendReminder(context, { executionName: entry.name, turn }, waitSeconds);
  return context.ledger.change(entry, { turn, due: context.now() + waitSeconds * 1000 });
}

export async function sendReminder(
  { sqs, watchQueueUrl }: Pick<WatchContext, "sqs" | "watchQueueUrl">,
  message: WatchMessage,
  waitSeconds: number,
): Promise<void> {
  await sqs.sendMessage({
    QueueUrl: watchQueueUrl,
    MessageBody: JSON.stringify(message),
    DelaySeconds: Math.min(longestDelaySeconds, waitSeconds),
  });
}
