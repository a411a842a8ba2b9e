import { isSettled } from "../../functions/lib/job-run.ts";
import { isRecord } from "../../functions/lib/json.ts";
import type { JobRun, JobRunState } from "@aws-sdk/client-glue";

/** What an answer has wrong. */
export interface Problem {
  /** Of the answer's form, of a run's states, of what a field says, or of what is refused and how. */
  readonly kind: "shape" | "state" | "value" | "error";
  readonly what: string;
}

/** What some fields of a run are to hold. */
export type RunFields = Readonly<Partial<Record<keyof JobRun, unknown>>>;

/** What Glue tells of each run, at every moment. The model requires nothing. */
const always: readonly (keyof JobRun)[] = [
  "Id",
  "Attempt",
  "JobName",
  "StartedOn",
  "LastModifiedOn",
  "JobRunState",
  "PredecessorRuns",
  "AllocatedCapacity",
  "ExecutionTime",
  "Timeout",
  "MaxCapacity",
  "LogGroupName",
  "GlueVersion",
];

/** Where a run can be next. */
const nextStates: Readonly<Record<JobRunState, readonly JobRunState[]>> = {
  WAITING: ["STARTING", "RUNNING", "FAILED", "EXPIRED", "STOPPING", "STOPPED"],
  STARTING: ["RUNNING", "WAITING", "FAILED", "ERROR", "STOPPING"],
  RUNNING: ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPING"],
  STOPPING: ["STOPPED"],
  STOPPED: [],
  SUCCEEDED: [],
  FAILED: [],
  TIMEOUT: [],
  ERROR: [],
  EXPIRED: [],
};

/** Where a run, as GetJobRun and GetJobRuns tell it, cannot be Glue's: by itself, or after what was told of it before. */
export function runProblems(run: JobRun, id: string, before?: JobRun): readonly Problem[] {
  return [
    ...formProblems(run),
    ...valueProblems(run, id),
    ...(before === undefined ? [] : historyProblems(before, run)),
  ];
}

export function sameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function formProblems(run: JobRun): readonly Problem[] {
  const { JobRunState: state, CompletedOn, ErrorMessage } = run;
  const ended = state !== undefined && isSettled(state);
  const found = always.filter((name) => run[name] === undefined).map((name) => `JobRun.${name} is missing`);
  if (ended && CompletedOn === undefined) found.push("JobRun.CompletedOn is missing at the end");
  if (!ended && CompletedOn !== undefined) found.push("JobRun.CompletedOn is there before the end");
  if (state === "WAITING" && run.StateDetail === undefined) found.push("JobRun.StateDetail is missing in WAITING");
  const failed = state === "FAILED" || state === "ERROR";
  if (failed && ErrorMessage === undefined) found.push(`JobRun.ErrorMessage is missing in ${state}`);
  if (state === "SUCCEEDED" && ErrorMessage !== undefined) found.push("JobRun.ErrorMessage is there in SUCCEEDED");
  return found.map((what) => ({ kind: "shape", what }));
}

function valueProblems(run: JobRun, id: string): readonly Problem[] {
  const { StartedOn, LastModifiedOn, CompletedOn, ExecutionTime = 0 } = run;
  const found = [];
  if (run.Id !== id) found.push("JobRun.Id is not the id that was asked for");
  if (earlier(LastModifiedOn, StartedOn)) found.push("JobRun.LastModifiedOn is before StartedOn");
  if (earlier(CompletedOn, StartedOn)) found.push("JobRun.CompletedOn is before StartedOn");
  if (CompletedOn !== undefined && StartedOn !== undefined) {
    const seconds = (CompletedOn.getTime() - StartedOn.getTime()) / 1000;
    if (ExecutionTime > seconds) found.push("JobRun.ExecutionTime is longer than from StartedOn to CompletedOn");
  }
  return found.map((what) => ({ kind: "value", what }));
}

function historyProblems(before: JobRun, run: JobRun): readonly Problem[] {
  const found: Problem[] = [];
  const note = (what: string): void => void found.push({ kind: "value", what });
  const { JobRunState: from } = before;
  const { JobRunState: to } = run;
  if (from !== undefined && to !== undefined) {
    if (!reaches(from, to)) found.push({ kind: "state", what: `a run that was ${from} is ${to}` });
    if (isSettled(from) && !sameValue(run, before)) note("JobRun changes after the end");
  }
  if (earlier(run.LastModifiedOn, before.LastModifiedOn)) note("JobRun.LastModifiedOn goes back");
  if ((run.ExecutionTime ?? 0) < (before.ExecutionTime ?? 0)) note("JobRun.ExecutionTime goes back");
  for (const name of ["StartedOn", "Arguments", "Attempt"] as const) {
    if (!sameValue(run[name], before[name])) note(`JobRun.${name} changes`);
  }
  return found;
}

/** Between two looks a run may go through several states. */
function reaches(from: JobRunState, to: JobRunState, seen: ReadonlySet<JobRunState> = new Set()): boolean {
  if (from === to) return true;
  const walked = new Set([...seen, from]);
  return nextStates[from].some((next) => !walked.has(next) && reaches(next, to, walked));
}

function earlier(time: Date | undefined, than: Date | undefined): boolean {
  return time !== undefined && than !== undefined && time < than;
}

function canonical(value: unknown): string {
  const sorted = (_: string, item: unknown): unknown =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item;
  return JSON.stringify([value], sorted);
}
