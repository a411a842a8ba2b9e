import type { BatchStopJobRunError, JobRun } from "@aws-sdk/client-glue";
import { isSettled } from "../job-run.ts";
import type { JobRuns } from "../aws.ts";

/** A job whose runs are stopped with their execution. */
export interface OwnedJob {
  readonly jobName: string;
  /** The stage that it does the work of, where the pipeline has stages. */
  readonly stage?: string;
  /** Who has its runs. */
  readonly glue: JobRuns;
}

/** The execution that runs belong to. */
export interface RunOwner {
  readonly executionName: string;
  /** The execution's start, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What a look at an execution's runs of one job has found and done. */
export interface Sweep {
  readonly job: OwnedJob;
  /** All runs of the execution, newest first, as they were before they were asked to stop. */
  readonly runs: readonly JobRun[];
  /** Ids of the runs that were asked to stop. */
  readonly stopped: readonly string[];
  readonly refused: readonly Refusal[];
}

export interface Refusal {
  readonly id: string;
  readonly reason: string;
}

const pageSize = 200;
/** As many as BatchStopJobRun takes. */
const batchSize = 25;
/** Two services' clocks need not agree. */
const clockSkewMs = 60_000;

/** A StartJobRun that was on its way when its execution, or the part of it, ended has been answered by then. */
const inFlightMs = 10_000;

export interface SweepClock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Asks every run of an execution that has not ended, and is not about to, to stop. Looks twice, so that a run whose start
 * was on its way at `endedAt`, in milliseconds since the epoch, is found as well.
 */
export async function stopAllRuns(
  { now, sleep }: SweepClock,
  jobs: readonly OwnedJob[],
  owner: RunOwner,
  endedAt: number,
): Promise<readonly Sweep[]> {
  const first = await sweepAll(jobs, owner);
  const wait = endedAt + inFlightMs - now();
  if (wait <= 0) return first;
  await sleep(wait);
  const second = await sweepAll(jobs, owner);
  return second.map((sweep, index) => ({
    ...sweep,
    stopped: [...new Set([...(first[index]?.stopped ?? []), ...sweep.stopped])],
  }));
}

/** One job after the other: Glue throttles soon. */
async function sweepAll(jobs: readonly OwnedJob[], owner: RunOwner): Promise<readonly Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const job of jobs) sweeps.push(await stopRunsOf(job, owner));
  return sweeps;
}

async function stopRunsOf(job: OwnedJob, owner: RunOwner): Promise<Sweep> {
  const { glue, jobName: JobName } = job;
  const runs = await runsOf(job, owner);
  const unfinished = runs.filter(isStoppable).flatMap(({ Id }) => Id ?? []);
  const stopped: string[] = [];
  const refused: Refusal[] = [];
  for (let from = 0; from < unfinished.length; from += batchSize) {
    const JobRunIds = unfinished.slice(from, from + batchSize);
    const { SuccessfulSubmissions, Errors } = await glue.batchStopJobRun({ JobName, JobRunIds });
    stopped.push(...(SuccessfulSubmissions ?? []).flatMap(({ JobRunId }) => JobRunId ?? []));
    refused.push(...(Errors ?? []).map(refusal));
  }
  return { job, runs, stopped, refused };
}

/** Newest first, and no further back than the execution's start: a job may have ten thousands of runs. */
async function runsOf({ glue, jobName }: OwnedJob, { executionName, startedAt }: RunOwner): Promise<readonly JobRun[]> {
  const found: JobRun[] = [];
  let NextToken: string | undefined;
  do {
    const page = await glue.getJobRuns({
      JobName: jobName,
      MaxResults: pageSize,
      ...(NextToken !== undefined && { NextToken }),
    });
    for (const run of page.JobRuns ?? []) {
      // The simulation's answers are JSON, and their times text.
      const begun = run.StartedOn === undefined ? undefined : new Date(run.StartedOn).getTime();
      if (begun !== undefined && begun < startedAt - clockSkewMs) return found;
      if (run.Arguments?.["--execution_name"] === executionName) found.push(run);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  return found;
}

function isStoppable({ JobRunState }: JobRun): boolean {
  return JobRunState !== undefined && JobRunState !== "STOPPING" && !isSettled(JobRunState);
}

function refusal({ JobRunId = "", ErrorDetail }: BatchStopJobRunError): Refusal {
  return { id: JobRunId, reason: `${ErrorDetail?.ErrorCode ?? "Unknown"}: ${ErrorDetail?.ErrorMessage ?? ""}` };
}
