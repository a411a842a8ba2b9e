import type { JobRun, JobRunState } from "@aws-sdk/client-glue";
import { plannedLength } from "./job-run-plan.ts";
import type { RunPlan } from "./job-run-plan.ts";

/** What a run is given at its start and keeps, as GetJobRun tells it. */
export type RunDetails = Readonly<
  Pick<
    JobRun,
    | "PreviousRunId"
    | "JobMode"
    | "JobRunQueuingEnabled"
    | "Arguments"
    | "MaxCapacity"
    | "WorkerType"
    | "NumberOfWorkers"
    | "SecurityConfiguration"
    | "LogGroupName"
    | "NotificationProperty"
    | "GlueVersion"
    | "ExecutionClass"
    | "ExecutionRoleSessionPolicy"
    | "MaintenanceWindow"
  >
> & {
  readonly Attempt: number;
  /** MaxCapacity under its old name, in whole units. */
  readonly AllocatedCapacity: number;
  /** Minutes. */
  readonly Timeout: number;
};

/** How the work of a run went. */
export interface RunOutcome {
  readonly JobRunState: "SUCCEEDED" | "FAILED" | "TIMEOUT" | "STOPPED";
  readonly ErrorMessage?: string;
  /** Milliseconds that it took, where that decides when the run ends. */
  readonly runningMs?: number;
}

/** All that is remembered of a run. Its state at any time follows from it. Times are milliseconds since the epoch. */
export interface JobRunRecord {
  readonly JobName: string;
  readonly Id: string;
  readonly details: RunDetails;
  readonly plan: RunPlan;
  readonly startedAt: number;
  /** When it leaves the queue; `startedAt` for a run that never waits. */
  readonly beginsAt: number;
  /** Which of the job's places for concurrent runs it holds. */
  readonly slot: number;
  /** Whether its size varies, by its job's arguments or its own. */
  readonly autoScales?: boolean;
  /** Whether work is to be done before it can be SUCCEEDED. */
  readonly hasWork: boolean;
  readonly stopRequestedAt?: number;
  /** Someone does the work, and is given up for dead at this time. */
  readonly claimedUntil?: number;
  readonly outcome?: RunOutcome;
  /** When it last had something to read, of a run that reads a stream. */
  readonly lastBatchAt?: number;
}

interface Phase {
  readonly state: JobRunState;
  readonly from: number;
}

const settledStates: ReadonlySet<JobRunState> = new Set([
  "STOPPED",
  "SUCCEEDED",
  "FAILED",
  "TIMEOUT",
  "ERROR",
  "EXPIRED",
]);

/** Whether a run in this state stays in it for good. */
export function isSettled(state: JobRunState): boolean {
  return settledStates.has(state);
}

/** When a run ends if nobody stops it. */
export function plannedEnd(record: Pick<JobRunRecord, "beginsAt" | "plan" | "outcome" | "lastBatchAt">): number {
  const { beginsAt, plan, outcome } = record;
  const took = outcome?.runningMs;
  const end = beginsAt + plannedLength(took === undefined ? plan : { ...plan, running: took });
  return Math.min(end, quietEnd(record));
}

/** When a run that reads a stream has had nothing to read for long enough, as far as is known. */
function quietEnd({ beginsAt, plan, outcome, lastBatchAt = 0 }: Parameters<typeof plannedEnd>[0]): number {
  if (plan.idle === undefined || outcome !== undefined) return Infinity;
  return Math.max(beginsAt + plan.startUp, lastBatchAt) + plan.idle;
}

/** When a run's work is to be done. */
function workBegins(record: JobRunRecord): number {
  const { plan, beginsAt } = record;
  return plan.measured === true ? beginsAt + plan.startUp : plannedEnd(record);
}

/** When whoever waits for a run's end is to look at it next: a look may have work done that decides when that is. */
export function seenToEndAt(record: JobRunRecord): number {
  if (record.stopRequestedAt !== undefined) return stoppedAt(record, record.stopRequestedAt);
  return awaitsWork(record) ? workBegins(record) : plannedEnd(record);
}

/** Whether the time of the run's work has come: all that is missing to its end. */
export function isWorkDue(record: JobRunRecord, now: number): boolean {
  return awaitsWork(record) && stopOf(record) === undefined && now >= workBegins(record);
}

/** The run as GetJobRun tells it at a moment. */
export function describeRun(record: JobRunRecord, now: number): JobRun {
  const phases = phasesOf(record);
  const { state, from } = phaseAt(phases, now);
  const ended = isSettled(state);
  const executionTime = executionSeconds(record, phases, ended ? from : now);
  return {
    ...record.details,
    Id: record.Id,
    JobName: record.JobName,
    JobRunState: state,
    StartedOn: new Date(record.startedAt),
    LastModifiedOn: new Date(from),
    ...(ended && { CompletedOn: new Date(from) }),
    ...errorMessage(record, state),
    ...(state === "WAITING" && { StateDetail: waitingFor(record) }),
    PredecessorRuns: [],
    ExecutionTime: executionTime,
    ...(ended && dpuSeconds(record, executionTime)),
  };
}

/** How much of its work a run has done, from 0 to 1. */
export function progress(record: JobRunRecord, now: number): number {
  const phases = phasesOf(record);
  const { state, from } = phaseAt(phases, now);
  if (state === "SUCCEEDED") return 1;
  const ran = runningTime(record, phases, isSettled(state) ? from : now);
  const { plan, outcome } = record;
  // How far a script is, nobody knows before it has ended.
  const allWork = plan.measured === true ? (outcome?.runningMs ?? Number.POSITIVE_INFINITY) : plan.allWork;
  return allWork === 0 ? 0 : Math.min(1, ran / allWork);
}

/** Stopping succeeds only while a run is on its way: not when its planned end has come. */
export function canBeStopped(record: JobRunRecord, now: number): boolean {
  return record.outcome === undefined && record.claimedUntil === undefined && now < lastMoment(record);
}

/** When a run that was asked to stop has done so. */
export function stoppedAt(record: JobRunRecord, stopRequestedAt: number): number {
  const stopped = phasesOf({ ...record, stopRequestedAt }).at(-1);
  return stopped?.from ?? stopRequestedAt;
}

function lastMoment(record: JobRunRecord): number {
  return phasesOf({ ...record, hasWork: false }).at(-1)?.from ?? record.startedAt;
}

/** The states a run goes through, each from its moment on, in the order of time: what was told is never taken back. */
function phasesOf(record: JobRunRecord): readonly Phase[] {
  const planned = plannedPhases(record);
  const stop = stopOf(record);
  if (stop === undefined) return planned;
  const before = planned.filter(({ from }) => from <= stop);
  // Never later than it would have ended, which is how long its place is held for it.
  const stopped = Math.min(stop + record.plan.stopping, plannedEnd(record));
  return [...before, { state: "STOPPING", from: stop }, { state: "STOPPED", from: stopped }];
}

function plannedPhases(record: JobRunRecord): readonly Phase[] {
  const { plan, startedAt, beginsAt } = record;
  const end = plannedEnd(record);
  if (plan.JobRunState === "EXPIRED") {
    return [
      { state: "WAITING", from: startedAt },
      { state: "EXPIRED", from: end },
    ];
  }
  const phases: Phase[] = startedAt < beginsAt ? [{ state: "WAITING", from: startedAt }] : [];
  phases.push({ state: "STARTING", from: beginsAt }, { state: "RUNNING", from: beginsAt + plan.startUp });
  if (plan.JobRunState === "STOPPED") phases.push({ state: "STOPPING", from: end - plan.stopping });
  const isQuiet = end === quietEnd(record);
  const planned = isQuiet ? "SUCCEEDED" : plan.JobRunState;
  if (!awaitsWork(record)) phases.push({ state: record.outcome?.JobRunState ?? planned, from: end });
  return phases;
}

/** When a stop was asked for, if that changes anything. */
function stopOf(record: JobRunRecord): number | undefined {
  const { stopRequestedAt: at, plan } = record;
  if (at === undefined) return undefined;
  const end = plannedEnd(record);
  return at < (plan.JobRunState === "STOPPED" ? end - plan.stopping : end) ? at : undefined;
}

function awaitsWork({ hasWork, plan, outcome }: JobRunRecord): boolean {
  return hasWork && plan.JobRunState === "SUCCEEDED" && outcome === undefined;
}

function phaseAt(phases: readonly Phase[], now: number): Phase {
  const phase = phases.findLast(({ from }) => from <= now) ?? phases[0];
  if (phase === undefined) throw new Error("A job run goes through one state at least");
  return phase;
}

/** Glue counts from the moment the script runs: queue and start-up are free. */
function executionSeconds(record: JobRunRecord, phases: readonly Phase[], until: number): number {
  return Math.floor(runningTime(record, phases, until) / 1000);
}

function runningTime(record: JobRunRecord, phases: readonly Phase[], until: number): number {
  const start = phases.find(({ state }) => state === "RUNNING");
  // The work may take longer than planned; the run still counts as ended when it was to end.
  return start === undefined ? 0 : Math.max(0, Math.min(until, plannedEnd(record)) - start.from);
}

function errorMessage({ plan, outcome }: JobRunRecord, state: JobRunState): Pick<JobRun, "ErrorMessage"> {
  const told = outcome ?? plan;
  return told.JobRunState === state && told.ErrorMessage !== undefined ? { ErrorMessage: told.ErrorMessage } : {};
}

function waitingFor({ beginsAt, startedAt }: JobRunRecord): string {
  return beginsAt > startedAt
    ? "Waiting for another run of the job to end: the job's maximum of concurrent runs is reached"
    : "Waiting for resources";
}

/** Glue tells them for runs whose size varies or that run on spare capacity. */
function dpuSeconds({ details, autoScales }: JobRunRecord, executionTime: number): Pick<JobRun, "DPUSeconds"> {
  const varies =
    details.ExecutionClass === "FLEX" || (autoScales ?? details.Arguments?.["--enable-auto-scaling"] === "true");
  return varies ? { DPUSeconds: (details.MaxCapacity ?? 0) * executionTime } : {};
}
