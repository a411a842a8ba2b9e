import { executionInput } from "../execution-input.ts";
import { dispatchChanged } from "./file-entry.ts";
import { isFinal, type Ending } from "./file-ledger.ts";
import { filesAtOnce, fits, sendReminder, start, type Reminder } from "./launch.ts";
import { inParallel } from "./parallel.ts";
import { rowsIn } from "./rows.ts";
import { resultOf, type ExecutionResult } from "./outcome-messages.ts";
import { takeNext } from "./take.ts";
import type { LandedFile } from "../execution-input.ts";
import type { Result } from "../direct/entry.ts";
import type { QueuedContext } from "./context.ts";
import type { Taken } from "./names.ts";
import type { FileOutcome, ManifestFile } from "./manifest.ts";
import type { Unit } from "./units.ts";

/**
 * Records how a unit has ended: with each of its files first, and with the unit last, which frees its slot. Whoever dies
 * in between is followed by another, who finds what is recorded and does the rest.
 */
export async function record(context: QueuedContext, result: ExecutionResult): Promise<void> {
  const { units, log } = context;
  const { executionName } = result;
  const unit = await units.get(executionName);
  if (unit === undefined) {
    log({ level: "INFO", message: "not from here", executionName });
    return;
  }
  if (unit.state === "ended") return;
  const keys =
    unit.file === undefined ? await recordBatch(context, unit, result) : await recordFile(context, unit, result);
  if (context.settings.order === "per-key") await takeNext(context, keys);
  await end(context, unit);
  log({ level: "INFO", message: "recorded", executionName, outcome: result.ending.state, files: keys.length });
}

/** Looks at a unit that a reminder speaks of, and has itself reminded again until its end is recorded. */
export async function followUp(context: QueuedContext, { Remind: name, Turn }: Reminder): Promise<void> {
  const { units } = context;
  const unit = await units.get(name);
  if (unit === undefined || unit.state === "ended" || unit.state === "waiting" || Turn < unit.turn) return;
  if (unit.state === "starting" && fits(context, unit)) await start(context, unit);
  const seen = await lookAt(context, name);
  const result = seen === "unknown" && !fits(context, unit) ? misfit(name) : seen;
  if (result === "unknown") await start(context, unit);
  else if (result !== "running") {
    await record(context, result);
    return;
  }
  const turn = Math.max(unit.turn, Turn) + 1;
  await sendReminder(context, name, turn);
  await units.turnTo(name, turn);
}

/**
 * Of a unit that waited and does not fit: it fails without having begun, and its files can be replayed, which takes them on
 * as all others are. Only its reminder tells so, when no function lives any more that it still fitted and that may have
 * started it.
 */
const misfit = (executionName: string): ExecutionResult => ({
  executionName,
  ending: {
    state: "failed",
    error: dispatchChanged,
    cause: "It waited when dispatch.mode was changed, and was not begun; replay takes it on as it is done now",
  },
});

/** What Step Functions knows of an execution. */
async function lookAt(
  { stepFunctions, stateMachineArn }: QueuedContext,
  executionName: string,
): Promise<ExecutionResult | "running" | "unknown"> {
  const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${executionName}`;
  let description;
  try {
    description = await stepFunctions.describeExecution({ executionArn });
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return "unknown";
    throw error;
  }
  const { status, output, error, cause } = description;
  switch (status) {
    case "SUCCEEDED": {
      const told = output === undefined ? undefined : resultOf(JSON.parse(output));
      return { ...(told ?? { ending: { state: "succeeded" } }), executionName };
    }
    case "FAILED":
    case "ABORTED":
    case "TIMED_OUT": {
      const ending = { state: "failed", error: error ?? `Execution.${status}` } as const;
      return { executionName, ending: { ...ending, ...(cause !== undefined && { cause }) } };
    }
    default:
      return "running";
  }
}

async function recordFile(context: QueuedContext, unit: Unit, { ending }: ExecutionResult): Promise<LandedFile[]> {
  const { files, rowsOf } = context;
  if (unit.file === undefined) return [];
  // What a run that failed has left may be of an earlier one.
  const rows = ending.state === "succeeded" ? await rowsOf(unit.name) : {};
  await files.finish(unit.file, unit.name, { ...ending, ...rows });
  const entry = await files.get(unit.file.name);
  return entry === undefined ? [] : [entry.file];
}

async function recordBatch(
  context: QueuedContext,
  unit: Unit,
  result: ExecutionResult,
): Promise<readonly ManifestFile[]> {
  const { files, objects } = context;
  const taken = await objects.manifest(unit.name);
  const outcomes = await objects.outcomes(unit.name);
  const told = outcomes && new Map(outcomes.map((outcome) => [outcome.name, outcome]));
  await inParallel(taken, filesAtOnce, async (file) => {
    context.requireTime();
    const ending = endingOf(result, told && { outcome: told.get(file.name) });
    // Where there are no batches any more, the ledger alone has what failed in the last of them.
    const isUntold = ending.state === "failed" && result.ending.state === "succeeded";
    if (isUntold && context.settings.mode === "batch") await keepFailure(context, unit, file, ending, result);
    await files.finish(file, unit.name, ending);
  });
  return taken;
}

/**
 * A file's own outcome counts, whatever became of its batch. One without is as its batch; but of a batch that succeeded
 * and has told of others, what it does not tell of has not been done.
 */
function endingOf(
  { ending, executionName }: ExecutionResult,
  told: { readonly outcome: FileOutcome | undefined } | undefined,
): Ending {
  const { attempts, jobRunId } = ending;
  const run = { ...(attempts !== undefined && { attempts }), ...(jobRunId !== undefined && { jobRunId }) };
  const outcome = told?.outcome;
  if (outcome?.outcome === "succeeded") {
    const { output = ending.output } = outcome;
    return { state: "succeeded", ...run, ...(output && { output }), ...rowsIn(outcome) };
  }
  if (outcome?.outcome === "failed") {
    const { error = "File.Failed", cause = "" } = outcome;
    return { state: "failed", ...run, error, cause };
  }
  if (told === undefined || ending.state !== "succeeded") return ending;
  return {
    state: "failed",
    ...run,
    error: "File.NoOutcome",
    cause: `Execution ${executionName} succeeded, and its job told the outcome of other files alone`,
  };
}

/** Keeps a file for a person that its batch's execution did not fail for. Not twice, if it can be helped. */
async function keepFailure(
  { files, reports, jobName }: QueuedContext,
  unit: Unit,
  taken: ManifestFile,
  { error, cause, attempts }: Ending,
  result: ExecutionResult,
): Promise<void> {
  const { name, generation } = taken;
  const entry = await files.get(name);
  if (entry?.generation !== generation || entry.executionName !== unit.name || isFinal(entry)) return;
  const input = executionInput(jobName ?? result.jobName ?? "", entry.file);
  const told: Result & Taken = {
    outcome: "failed",
    name,
    generation,
    file: entry.file,
    executionName: unit.name,
    jobName: input.jobName,
    ...(attempts !== undefined && { attempts }),
    ...(result.jobRun !== undefined && { jobRun: result.jobRun }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    input,
  };
  await reports.keepFailure(told);
}

/** Another may note a change of the unit meanwhile: it has been started, or somebody else has recorded its end. */
async function end({ units }: QueuedContext, seen: Unit): Promise<void> {
  const mostTries = 100;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const unit = tries === 0 ? seen : await units.get(seen.name);
    if (unit === undefined || unit.state === "ended" || (await units.end(unit))) return;
  }
  throw new Error(`The end of ${seen.name} could not be noted`);
}
