import type {
  BatchStopJobRunRequest,
  BatchStopJobRunResponse,
  GetJobBookmarkRequest,
  GetJobBookmarkResponse,
  GetJobRunRequest,
  GetJobRunResponse,
  GetJobRunsRequest,
  GetJobRunsResponse,
  ResetJobBookmarkRequest,
  ResetJobBookmarkResponse,
  StartJobRunRequest,
  StartJobRunResponse,
} from "@aws-sdk/client-glue";
import { fieldsOf, jobNamed, optionalFlag, optionalText, optionalWhole, shown, text } from "./glue-checks.ts";
import { entityNotFound, GlueError, invalidInput, JobFailure, runNotFound } from "./glue-error.ts";
import { bookmarkUse, movedBy, stateFor, versionMismatch } from "./job-bookmark.ts";
import { getJobBookmark, resetJobBookmark } from "./job-bookmark-calls.ts";
import { describeRun, isWorkDue, plannedEnd } from "./job-run.ts";
import { isMeasuredWork } from "./measured-work.ts";
import { plannedLength, planRun } from "./job-run-plan.ts";
import { nextFree, runId } from "./run-id.ts";
import { slotOf, takeSlot } from "./run-slots.ts";
import { readsStream, releaseEnded } from "./streaming-runs.ts";
import { findScenario, thrownBy } from "./scenario.ts";
import { autoScales, detailsOf, mergeArguments, readStartRequest } from "./start-request.ts";
import { batchStopJobRun } from "./stop-job-runs.ts";
import type { JobDefinition, Simulation } from "./job-definition.ts";
import type { JobRunRecord, RunDetails, RunOutcome } from "./job-run.ts";
import type { JobRunStore } from "./job-run-store.ts";

/** What a stand-in is given: what Glue would tell the job's script. */
export interface StandInEvent {
  readonly JobName: string;
  readonly JobRunId: string;
  /** The job's arguments and the run's, merged. */
  readonly Arguments: Readonly<Record<string, string>>;
  /** What earlier runs have read, where the run's `--job-bookmark-option` asks for it: see `bookmark.ts`. */
  readonly Bookmark?: unknown;
}

export interface GlueOptions {
  readonly jobs: readonly JobDefinition[];
  readonly simulation: Simulation;
  readonly store: JobRunStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Does the work of runs. A JobFailure fails the run; any other error is the caller's, and the work stays undone. */
  readonly standIn?: (event: StandInEvent) => Promise<unknown>;
}

/** The part of Glue that runs jobs. Errors are GlueErrors under the API's names. */
export interface Glue {
  startJobRun(request: StartJobRunRequest): Promise<StartJobRunResponse>;
  getJobRun(request: GetJobRunRequest): Promise<GetJobRunResponse>;
  getJobRuns(request: GetJobRunsRequest): Promise<GetJobRunsResponse>;
  batchStopJobRun(request: BatchStopJobRunRequest): Promise<BatchStopJobRunResponse>;
  getJobBookmark(request: GetJobBookmarkRequest): Promise<GetJobBookmarkResponse>;
  resetJobBookmark(request: ResetJobBookmarkRequest): Promise<ResetJobBookmarkResponse>;
  look(request: GetJobRunRequest): Promise<Look>;
}

/** A run as it is remembered, its work done if that was due, and the moment for which it is to be told. */
export interface Look {
  readonly run: JobRunRecord;
  /** From before the run was read: a later one could tell of an end that a stop has come before. */
  readonly at: number;
}

/** Longer than any Lambda function lives, so that work is never taken from one that still does it. */
const leaseMs = 16 * 60_000;
const idTries = 8;
const defaultPage = 200;

/**
 * Simulates Glue's job runs. Nothing happens in the background: a run's state follows from its record and the time.
 *
 * Departs from Glue in that a run is never run again by itself (MaxRetries is 0), that the account has no quota of its
 * own, and that a stop asked for in the very moment of a run's end may win over an end that was told already.
 */
export function createGlue(options: GlueOptions): Glue {
  const jobs = new Map(options.jobs.map((job) => [job.Name, job]));
  const context = { ...options, jobs };
  return {
    startJobRun: (request) => startJobRun(context, request),
    getJobRun: async (request) => {
      const { run, at } = await look(context, request);
      return { JobRun: describeRun(run, at) };
    },
    getJobRuns: (request) => getJobRuns(context, request),
    batchStopJobRun: (request) => batchStopJobRun(context, request),
    getJobBookmark: (request) => getJobBookmark(context, request),
    resetJobBookmark: (request) => resetJobBookmark(context, request),
    look: (request) => look(context, request),
  };
}

type Context = Omit<GlueOptions, "jobs"> & { readonly jobs: ReadonlyMap<string, JobDefinition> };

async function startJobRun(context: Context, request: StartJobRunRequest): Promise<StartJobRunResponse> {
  const asked = readStartRequest(request);
  const job = jobNamed(context.jobs, asked.jobName, "Failed to start job run due to missing metadata");
  const previous = await previousRun(context, job, asked.previousRunId);
  const inherits = previous !== undefined && Object.keys(asked.args).length === 0;
  const start = inherits ? { ...asked, args: previous.details.Arguments ?? {} } : asked;
  const details: RunDetails = {
    Attempt: previous === undefined ? 0 : previous.details.Attempt + 1,
    ...(previous !== undefined && { PreviousRunId: previous.Id }),
    ...detailsOf(job, start),
  };
  const error = thrownBy(findScenario(context.simulation.scenarios, mergeArguments(job, start.args)));
  if (error !== undefined) throw error;
  return { JobRunId: await addRun(context, job, details) };
}

async function addRun(context: Context, job: JobDefinition, details: RunDetails): Promise<string> {
  const { store, simulation, now } = context;
  const identity = { seed: simulation.seed, jobName: job.Name, args: details.Arguments ?? {} };
  let count = 0;
  for (let tries = 0; tries < idTries; tries += 1) {
    const run = await place(context, job, details, runId(identity, count), now());
    if (await store.add(run)) return run.Id;
    await store.release(job.Name, slotOf(run), run.beginsAt);
    const isTaken = async (n: number): Promise<boolean> =>
      (await store.get({ JobName: job.Name, Id: runId(identity, n) })) !== undefined;
    count = await nextFree(count, isTaken);
  }
  throw new GlueError("OperationTimeoutException", `Too many equal runs of ${job.Name} are started at the same moment`);
}

/** Takes a slot before the run is known: what dies in between leaves a slot held for a while, never a run too many. */
async function place(
  { store, simulation, standIn }: Context,
  job: JobDefinition,
  details: RunDetails,
  id: string,
  startedAt: number,
): Promise<JobRunRecord> {
  const args = mergeArguments(job, details.Arguments ?? {});
  const streaming = readsStream(job, args);
  // A run whose stream has fallen quiet holds its place for as long as it might have gone on.
  if (streaming) await releaseEnded(store, job.Name, startedAt);
  const plan = planRun({ id, args, timeout: details.Timeout, simulation, streaming });
  const slot = await takeSlot(store, {
    jobName: job.Name,
    runId: id,
    now: startedAt,
    length: plannedLength(plan),
    maxConcurrentRuns: job.MaxConcurrentRuns,
    queue: details.JobRunQueuingEnabled ?? false,
  });
  const { index, beginsAt } = slot;
  return {
    JobName: job.Name,
    Id: id,
    details,
    plan,
    startedAt,
    beginsAt,
    slot: index,
    ...(autoScales(job, details.Arguments ?? {}) && { autoScales: true }),
    hasWork: standIn !== undefined,
  };
}

async function previousRun(
  { store }: Context,
  job: JobDefinition,
  id: string | undefined,
): Promise<JobRunRecord | undefined> {
  if (id === undefined) return undefined;
  const run = await store.get({ JobName: job.Name, Id: id });
  if (run === undefined) throw entityNotFound(`JobRunId ${shown(id)} is no run of job ${job.Name}`);
  return run;
}

async function look(context: Context, request: GetJobRunRequest): Promise<Look> {
  const fields = fieldsOf(request, ["JobName", "RunId", "PredecessorsIncluded"]);
  const JobName = text(fields, "JobName");
  const Id = text(fields, "RunId");
  optionalFlag(fields, "PredecessorsIncluded");
  const job = jobNamed(context.jobs, JobName, "Job not found");
  const at = context.now();
  const run = await context.store.get({ JobName, Id });
  if (run === undefined) throw runNotFound(JobName, Id);
  return { run: await withWorkDone(context, job, run, at), at };
}

async function getJobRuns(context: Context, request: GetJobRunsRequest): Promise<GetJobRunsResponse> {
  const fields = fieldsOf(request, ["JobName", "NextToken", "MaxResults"]);
  const job = jobNamed(context.jobs, text(fields, "JobName"), "Job not found");
  const pageSize = optionalWhole(fields, "MaxResults", 1, 200) ?? defaultPage;
  const token = optionalText(fields, "NextToken");
  if (token !== undefined && !/^\d{1,9}$/.test(token)) {
    throw invalidInput(`NextToken must come from an earlier answer, got ${shown(token)}`);
  }
  const from = Number(token ?? "0");
  const at = context.now();
  const all = await context.store.list(job.Name);
  const newestFirst = all.toSorted((a, b) => b.startedAt - a.startedAt || (a.Id < b.Id ? -1 : 1));
  const JobRuns = [];
  for (const run of newestFirst.slice(from, from + pageSize)) {
    JobRuns.push(describeRun(await withWorkDone(context, job, run, at), at));
  }
  const next = from + pageSize;
  return next < all.length ? { JobRuns, NextToken: String(next) } : { JobRuns };
}

/**
 * Has the work of a run done when its time has come: by one caller, once. Others see the run in RUNNING until then. A
 * claim whose holder died ends with its lease, and the work, which a repetition does not double, is done again.
 */
async function withWorkDone(
  context: Context,
  job: JobDefinition,
  run: JobRunRecord,
  at: number,
): Promise<JobRunRecord> {
  if (!isWorkDue(run, at)) return run;
  const { store } = context;
  const claimedUntil = at + leaseMs;
  if (!(await store.claim(run, at, claimedUntil))) return (await store.get(run)) ?? run;
  const outcome = await workOutcome(context, job, run, claimedUntil);
  if (outcome === undefined) {
    await store.unclaim(run, claimedUntil);
    return run;
  }
  const settled = await store.settle(run, claimedUntil, outcome);
  if (!settled) return (await store.get(run)) ?? run;
  const ended = { ...run, outcome };
  // It has held its place for as long as it might have run.
  if (outcome.runningMs !== undefined) await store.release(job.Name, slotOf(run), plannedEnd(ended));
  return ended;
}

/** Undefined: the work is not at its end. */
async function workOutcome(
  context: Context,
  job: JobDefinition,
  { JobName, Id, details }: JobRunRecord,
  claimedUntil: number,
): Promise<RunOutcome | undefined> {
  const { store } = context;
  try {
    const args = mergeArguments(job, details.Arguments ?? {});
    return await doWork(context, { JobName, Id, Attempt: details.Attempt, args });
  } catch (error) {
    if (error instanceof JobFailure) return { JobRunState: "FAILED", ErrorMessage: error.message };
    // The first error is the one to tell; if this fails too, the lease ends the claim.
    await Promise.allSettled([store.unclaim({ JobName, Id }, claimedUntil)]);
    throw error;
  }
}

interface Work {
  readonly JobName: string;
  readonly Id: string;
  readonly Attempt: number;
  readonly args: StandInEvent["Arguments"];
}

/**
 * The bookmark moves before the run is settled, as a script commits before it ends: a run that SUCCEEDED has moved it, and
 * one that did not has not.
 */
async function doWork(
  { store, standIn }: Context,
  { JobName, Id, Attempt, args }: Work,
): Promise<RunOutcome | undefined> {
  const { reads, moves } = bookmarkUse(args);
  const seen = reads ? await store.bookmark(JobName) : undefined;
  const answer = await standIn?.({
    JobName,
    JobRunId: Id,
    Arguments: args,
    ...(reads && { Bookmark: stateFor(seen, Id) }),
  });
  if (isMeasuredWork(answer)) return "outcome" in answer ? answer.outcome : undefined;
  const moved = moves ? movedBy(answer, seen, { Id, Attempt }) : undefined;
  if (moved !== undefined && !(await store.moveBookmark(JobName, seen?.version ?? 0, moved))) {
    const found = await store.bookmark(JobName);
    // The same run, whose work somebody else has done meanwhile, may have moved it.
    if (found?.runId !== Id) throw new JobFailure(versionMismatch(moved.version - 1, found?.version ?? 0));
  }
  return { JobRunState: "SUCCEEDED" };
}
