import { executionInput } from "../execution-input.ts";
import { describedError } from "../described-error.ts";
import { manifestKey } from "./manifest.ts";
import { fileExecutionName, type Taken } from "./names.ts";
import { inParallel } from "./parallel.ts";
import { firstTurn, type NewUnit, type Unit, type WaitingUnit } from "./units.ts";
import type { QueuedContext } from "./context.ts";
import type { Request } from "./file-ledger.ts";

/** A reminder of a unit, in the outcomes queue. */
export interface Reminder {
  /** The execution's name. */
  readonly Remind: string;
  readonly Turn: number;
}

/** The first reminder comes when whoever starts the unit has started it, or is dead: no function here lives for so long. */
const firstReminderSeconds = 360;
const reminderSeconds = 900;

/** Writes at once. */
export const filesAtOnce = 32;
const unitsAtOnce = 16;
const unitsSeen = 64;
const mostRounds = 1000;

/** The unit of an execution with these files. */
export function newUnit(context: QueuedContext, name: string, files: readonly [Request, ...Request[]]): NewUnit {
  const [first] = files;
  const since = Math.min(...files.map(({ arrivedAt }) => arrivedAt));
  const isAlone = name === fileExecutionName(first);
  const object = isAlone
    ? first.file
    : {
        bucket: context.outputBucket,
        key: manifestKey(name),
        versionId: "null",
        size: files.reduce((bytes, { file }) => bytes + file.size, 0),
        sequencer: "",
      };
  return {
    name,
    input: JSON.stringify(executionInput(context.jobName, object)),
    since,
    ...(isAlone && { file: { name: first.name, generation: first.generation } }),
  };
}

/** The files of a unit. */
export async function filesOf({ objects }: QueuedContext, { name, file }: NewUnit): Promise<readonly Taken[]> {
  return file === undefined ? await objects.manifest(name) : [file];
}

/** It was prepared for a state machine that takes the other kind of input: a file, or a manifest. */
class MisfitError extends Error {
  override readonly name = "MisfitError";
}

/** Whether the state machine takes what a unit has: not if `dispatch.mode` has been changed since the unit was noted. */
export const fits = ({ settings }: Pick<QueuedContext, "settings">, { file }: NewUnit): boolean =>
  (settings.mode === "batch") === (file === undefined);

/**
 * Starts a unit's execution. However often this is done, there is one: it is known by its name.
 * @throws MisfitError for a unit that does not fit
 */
export async function start(context: QueuedContext, unit: NewUnit): Promise<void> {
  if (!fits(context, unit)) throw new MisfitError(`${unit.name} was noted before dispatch.mode was changed`);
  const { stepFunctions, stateMachineArn, files, units, log, now } = context;
  const { name, input } = unit;
  let isNew = true;
  try {
    await stepFunctions.startExecution({ stateMachineArn, name, input });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ExecutionAlreadyExists") throw error;
    isNew = false;
  }
  const startedAt = now();
  const taken = await filesOf(context, unit);
  await inParallel(taken, filesAtOnce, (file) => {
    context.requireTime();
    return files.markStarted(file, name, startedAt);
  });
  await units.markStarted(name);
  log({ level: "INFO", message: isNew ? "started" : "found", executionName: name, files: taken.length });
}

/** Has the recorder look at a unit later. Sent before the unit is started: whoever dies then, it is not forgotten. */
export async function sendReminder(
  { sqs, outcomesQueueUrl }: Pick<QueuedContext, "sqs" | "outcomesQueueUrl">,
  name: string,
  turn: number,
): Promise<void> {
  const reminder: Reminder = { Remind: name, Turn: turn };
  await sqs.sendMessage({
    QueueUrl: outcomesQueueUrl,
    MessageBody: JSON.stringify(reminder),
    DelaySeconds: turn === firstTurn ? firstReminderSeconds : reminderSeconds,
  });
}

/**
 * Launches what waits, as far as there are slots. Whoever adds to the list or frees a slot does this afterwards, before
 * the message that had it do so is let go: of two that do it at the same moment at least one sees both.
 */
export async function launchWaiting(context: QueuedContext): Promise<void> {
  const { settings, units } = context;
  const { maxConcurrentExecutions: slots } = settings;
  for (let round = 0; round < mostRounds; round += 1) {
    context.requireTime();
    const waiting = await units.waiting(unitsSeen);
    if (waiting.length === 0) return;
    const free = slots === 0 ? waiting.map(() => undefined) : await units.freeSlots(slots);
    if (free.length === 0) return;
    const pairs = waiting.slice(0, free.length).map((unit, index) => ({ unit, slot: free[index] }));
    await inParallel(pairs, unitsAtOnce, ({ unit, slot }) => launch(context, unit, slot));
  }
  throw new Error(`Units were still waiting after ${mostRounds} rounds of launching`);
}

async function launch(context: QueuedContext, waiting: WaitingUnit, slot: number | undefined): Promise<void> {
  const { units, log } = context;
  const known = await units.get(waiting.name);
  await sendReminder(context, waiting.name, firstTurn);
  // One that does not fit is not started here, and needs no slot: see `misfit` of the recorder.
  const own = known !== undefined && fits(context, known) ? slot : undefined;
  const isTaken = !(await units.launch(waiting, own));
  const unit = isTaken ? await units.get(waiting.name) : known;
  if (unit === undefined || (isTaken && unit.state !== "waiting")) {
    // Its item has been taken away by hand, or by the one who launched it meanwhile.
    await units.dropFromList(waiting);
    return;
  }
  if (isTaken) return;
  try {
    await start(context, unit);
  } catch (error) {
    // It has its slot and its reminder: it is started when that comes.
    log({ level: "ERROR", message: "left to its reminder", executionName: unit.name, ...describedError(error) });
  }
}

/** What is known of a unit that somebody has noted: one that is to be started is started. */
export async function help(context: QueuedContext, unit: Unit): Promise<void> {
  if (unit.state === "starting") await start(context, unit);
}
