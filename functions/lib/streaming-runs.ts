import { JobFailure } from "./glue-error.ts";
import type { StandInEvent } from "./glue.ts";
import type { JobDefinition } from "./job-definition.ts";
import { describeRun, isSettled, plannedEnd, type JobRunRecord } from "./job-run.ts";
import type { JobRunStore } from "./job-run-store.ts";
import { isRecord } from "./json.ts";
import { slotOf } from "./run-slots.ts";
import { mergeArguments } from "./start-request.ts";

/** What the stand-in of a streaming job answers: how much it has read, and whether there is more. */
export interface StreamWork {
  readonly records: number;
  readonly isBehind: boolean;
}

/** What came of feeding a job. */
export type Fed = "no run" | "failed" | "behind" | "caught up";

export interface FeedOptions {
  readonly job: JobDefinition;
  readonly store: JobRunStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Has a run read what its stream has for it. A JobFailure fails the run. */
  readonly standIn: (event: StandInEvent) => Promise<unknown>;
}

/** Whether a run goes on reading until somebody stops it: a query that keeps a checkpoint. */
export function readsStream({ Command }: Pick<JobDefinition, "Command">, args: StandInEvent["Arguments"]): boolean {
  return Command === "gluestreaming" && args["--checkpoint_location"] !== undefined;
}

/** Has the job's running run read what is there. Where there is none, the stream keeps it for the next one. */
export async function feedJob(options: FeedOptions): Promise<Fed> {
  const { job, store, now } = options;
  const at = now();
  const runs = await store.list(job.Name);
  const run = runs.find((one) => describeRun(one, at).JobRunState === "RUNNING");
  return run === undefined ? "no run" : feedRun(options, run);
}

/** Has one run, which must be RUNNING, read what is there. */
export async function feedRun({ job, store, now, standIn }: FeedOptions, run: JobRunRecord): Promise<Fed> {
  const { JobName, Id, details } = run;
  try {
    const Arguments = mergeArguments(job, details.Arguments ?? {});
    const { records, isBehind } = workFrom(await standIn({ JobName, JobRunId: Id, Arguments }));
    if (records > 0) await store.touch(run, now());
    return isBehind ? "behind" : "caught up";
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    await failRun(store, run, now(), error.message);
    return "failed";
  }
}

/** Gives back the places of runs that have ended before they were expected to. */
export async function releaseEnded(store: JobRunStore, JobName: string, at: number): Promise<void> {
  for (const slot of await store.slots(JobName)) {
    if (slot.until <= at) continue;
    const run = await store.get({ JobName, Id: slot.runId });
    const state = run && describeRun(run, at).JobRunState;
    if (run !== undefined && state !== undefined && isSettled(state)) {
      await store.release(JobName, slot, plannedEnd(run));
    }
  }
}

const leaseMs = 60_000;

/** A script's exception ends its run at once. */
async function failRun(store: JobRunStore, run: JobRunRecord, at: number, ErrorMessage: string): Promise<void> {
  const claimedUntil = at + leaseMs;
  if (!(await store.claim(run, at, claimedUntil))) return;
  const runningMs = Math.max(0, at - run.beginsAt - run.plan.startUp);
  const outcome = { JobRunState: "FAILED", ErrorMessage, runningMs } as const;
  if (await store.settle(run, claimedUntil, outcome)) await store.release(run.JobName, slotOf(run), at);
}

function workFrom(answer: unknown): StreamWork {
  if (isRecord(answer) && typeof answer.records === "number" && typeof answer.isBehind === "boolean") {
    return { records: answer.records, isBehind: answer.isBehind };
  }
  throw new Error(`A streaming job's stand-in must answer {records, isBehind}, got ${JSON.stringify(answer)}`);
}
