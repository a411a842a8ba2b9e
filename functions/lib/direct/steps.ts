import { runArguments } from "../run-arguments.ts";
import { statesWorthAnotherRun, unfinishedStates } from "../run-states.ts";
import { CallError, type JobRuns } from "./job-runs.ts";
import { callFailed, runFailed, succeeded } from "./results.ts";
import { recoveryFrom } from "./retries.ts";
import { OvertakenError, type Ledger } from "./ledger.ts";
import type { Entry, Result, Step } from "./entry.ts";
import type { DirectSettings } from "./settings.ts";

/** Where outcomes are told. Every failure is a CallError. */
export interface Reports {
  /** Keeps a failed file's result for a person. */
  readonly keepFailure: (result: Result) => Promise<void>;
  readonly notify: (result: Result) => Promise<void>;
}

export interface DirectContext {
  readonly settings: DirectSettings;
  readonly ledger: Ledger;
  readonly jobRuns: JobRuns;
  readonly reports: Reports;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** A file as far as it has come, and for how long nothing can be done for it. */
interface Progress {
  readonly entry: Entry;
  readonly waitSeconds: number;
}

type Work = (context: DirectContext, entry: Entry) => Promise<Progress>;

/**
 * Takes a file as far as it can be taken now, step by step as the state machine would. What has been done is noted
 * before the next step, so whoever goes on after a crash repeats one step at the most; a run is not started twice, since
 * whoever finds that one may have been started looks for it first.
 */
export async function advance(
  context: DirectContext,
  seen: Entry,
  steps: readonly Step[] = allSteps,
): Promise<Progress> {
  let progress: Progress = { entry: seen, waitSeconds: 0 };
  while (progress.waitSeconds === 0) {
    const { entry } = progress;
    if (entry.step === "Done" || !steps.includes(entry.step)) break;
    progress = await works[entry.step](context, entry);
  }
  return progress;
}

const allSteps: readonly Step[] = ["StartJobRun", "GetJobRun", "StopJobRun", "KeepFailure", "Notify"];

const startJobRun: Work = async (context, seen) => {
  const { ledger, jobRuns, settings, now } = context;
  if (seen.claimedUntil > now()) throw new OvertakenError(`${seen.name} has a run that another is starting`);
  const claim = { claimedUntil: now() + settings.leaseSeconds * 1000, mayHaveStarted: true };
  const entry = await ledger.change(seen, claim);
  const args = argumentsOf(entry, settings.outputBucket);
  let isUnsure = seen.mayHaveStarted;
  try {
    const found = isUnsure ? await jobRuns.find(args, entry.createdAt) : undefined;
    isUnsure = false;
    const runId = found?.runId ?? (await jobRuns.start(args));
    context.log({ level: "INFO", message: found ? "found" : "started", ...named(entry), jobRunId: runId });
    const run = { jobRunId: runId, runStartedAt: found?.startedAt ?? now(), claimedUntil: 0, mayHaveStarted: false };
    return {
      entry: await ledger.change(entry, { ...run, step: "GetJobRun", tries: [] }),
      waitSeconds: settings.polling.floorSeconds,
    };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.isRefusal) return recover(context, entry, error, { claimedUntil: 0, mayHaveStarted: isUnsure });
    // A run may be under way: nothing is done before it must be visible.
    const { entry: left, waitSeconds } = await recover(context, entry, error);
    return { entry: left, waitSeconds: Math.max(waitSeconds, settings.leaseSeconds) };
  }
};

const getJobRun: Work = async (context, entry) => {
  const { ledger, jobRuns, settings, now } = context;
  const { jobRunId, runStartedAt = entry.createdAt } = entry;
  if (jobRunId === undefined) throw new Error(`${entry.name} has no job run to look at`);
  let jobRun;
  try {
    jobRun = await jobRuns.look(jobRunId);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return recover(context, entry, error);
  }
  const { JobRunState: state } = jobRun;
  const waited = (now() - runStartedAt) / 1000;
  if (unfinishedStates.includes(state) && waited < settings.giveUpAfterMinutes * 60) {
    const calm = entry.tries.length === 0 ? entry : await ledger.change(entry, { tries: [] });
    return { entry: calm, waitSeconds: nextWait(waited, settings.polling) };
  }
  context.log({ level: "INFO", message: "ended", ...named(entry), jobRunId, JobRunState: state });
  if (state === "SUCCEEDED") {
    const result = succeeded(entry, jobRun, settings.outputBucket);
    return goOn(context, entry, { step: "Notify", result });
  }
  const { maxAttempts, intervalSeconds, backoffRate } = settings.retry;
  if (statesWorthAnotherRun.includes(state) && entry.attempt < maxAttempts) {
    const next = { step: "StartJobRun", attempt: entry.attempt + 1, jobRunId: undefined } as const;
    const waitSeconds = Math.floor(intervalSeconds * backoffRate ** (entry.attempt - 1));
    return { ...(await goOn(context, entry, next)), waitSeconds };
  }
  const step = unfinishedStates.includes(state) ? "StopJobRun" : "KeepFailure";
  return goOn(context, entry, { step, result: runFailed(entry, jobRun, settings.giveUpAfterMinutes) });
};

/** A run that nobody waits for any more must not go on. */
const stopJobRun: Work = async (context, entry) => {
  const { jobRunId, result } = entry;
  if (jobRunId === undefined) throw new Error(`${entry.name} has no job run to stop`);
  try {
    const refusal = await context.jobRuns.stop(jobRunId);
    return await goOn(context, entry, {
      step: "KeepFailure",
      ...(result && refusal !== undefined && { result: { ...result, stopJobRunError: refusal } }),
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return recover(context, entry, error);
  }
};

const keepFailure: Work = (context, entry) => report(context, entry, context.reports.keepFailure, "Notify");

const notify: Work = (context, entry) => report(context, entry, context.reports.notify, "Done");

const works: Readonly<Record<Exclude<Step, "Done">, Work>> = {
  StartJobRun: startJobRun,
  GetJobRun: getJobRun,
  StopJobRun: stopJobRun,
  KeepFailure: keepFailure,
  Notify: notify,
};

async function report(
  context: DirectContext,
  entry: Entry,
  tell: (result: Result) => Promise<void>,
  next: Step,
): Promise<Progress> {
  if (entry.result === undefined) throw new Error(`${entry.name} has no result to tell`);
  try {
    await tell(entry.result);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return recover(context, entry, error);
  }
  return goOn(context, entry, { step: next });
}

async function goOn({ ledger, log }: DirectContext, seen: Entry, changes: Partial<Entry>): Promise<Progress> {
  const entry = await ledger.change(seen, { tries: [], ...changes });
  if (entry.step === "Done") log({ level: "INFO", message: "done", ...named(entry), result: entry.result });
  return { entry, waitSeconds: 0 };
}

/** As the states of these names have them. */
const retriersOf: Readonly<Record<Exclude<Step, "Done">, readonly (keyof DirectSettings["retriers"])[]>> = {
  StartJobRun: ["transient", "busy", "anyTaskFailure"],
  GetJobRun: ["transient", "anyTaskFailure"],
  StopJobRun: ["transient", "anyTaskFailure"],
  KeepFailure: ["anyError"],
  Notify: ["anyError"],
};

/** Another try after a while, or the end that the state machine's Catch would lead to. */
async function recover(
  context: DirectContext,
  entry: Entry,
  error: CallError,
  changes: Partial<Entry> = {},
): Promise<Progress> {
  if (entry.step === "Done") return { entry, waitSeconds: 0 };
  const { retriers } = context.settings;
  const recovery = recoveryFrom(
    error.name,
    entry,
    retriersOf[entry.step].map((name) => retriers[name]),
  );
  context.log({
    level: recovery.kind === "again" ? "WARN" : "ERROR",
    message: `${entry.step} failed`,
    ...named(entry),
    step: entry.step,
    error: error.name,
    cause: error.message,
  });
  if (recovery.kind === "given up") return goOn(context, entry, { ...changes, ...afterFailureOf(entry, error) });
  const changed = await context.ledger.change(entry, { ...changes, tries: recovery.tries });
  return { entry: changed, waitSeconds: recovery.waitSeconds };
}

/** An outcome is not lost because a message was. */
function afterFailureOf(entry: Entry, { name, message }: CallError): Partial<Entry> {
  const trouble = `${name}: ${message}`;
  const withTrouble = (field: keyof Result): Pick<Entry, "result"> => ({
    ...(entry.result && { result: { ...entry.result, [field]: trouble } }),
  });
  switch (entry.step) {
    case "GetJobRun":
      return { step: "StopJobRun", result: callFailed(entry, name, message) };
    case "StopJobRun":
      return { step: "KeepFailure", ...withTrouble("stopJobRunError") };
    case "KeepFailure":
      return { step: "Notify", ...withTrouble("keepFailureError") };
    case "Notify":
      return { step: "Done", ...withTrouble("notificationError") };
    default:
      return { step: "KeepFailure", result: callFailed(entry, name, message) };
  }
}

function argumentsOf({ name, input, attempt }: Entry, outputBucket: string): Record<string, string> {
  const { bucket, key, versionId, size } = input.arguments;
  const facts = { bucket, key, versionId, size: String(size), outputBucket, executionName: name };
  return runArguments({ ...facts, attempt: String(attempt) });
}

function nextWait(waited: number, { floorSeconds, ceilingSeconds, share }: DirectSettings["polling"]): number {
  return Math.min(ceilingSeconds, Math.max(1, floorSeconds, Math.ceil(waited * share)));
}

/** What every line of the log has, for whoever follows a file. */
export function named({ name, attempt, input }: Entry): Readonly<Record<string, unknown>> {
  const { bucket, key } = input.arguments;
  return { dispatch: "direct", executionName: name, attempt, bucket, key };
}
