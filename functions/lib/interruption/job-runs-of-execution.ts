import type { BatchStopJobRunError, JobRun } from "@aws-sdk/client-glue";
import { isSettled } from "../job-run.ts";
import type { JobRuns } from "../aws.ts";

/** Which runs belong together: those of one job that one execution has started. */
export interface RunOwner {
  readonly jobName: string;
  readonly executionName: string;
  /** The execution's start, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What a look at an execution's runs has found and done. */
export interface Sweep {
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

/** Asks every run of an execution that has not ended, and is not about to, to stop. */
export async function stopRunsOf(glue: JobRuns, owner: RunOwner): Promise<Sweep> {
  const runs = await runsOf(glue, owner);
  const unfinished = runs.filter(isStoppable).flatMap(({ Id }) => Id ?? []);
  const stopped: string[] = [];
  const refused: Refusal[] = [];
  for (let from = 0; from < unfinished.length; from += batchSize) {
    const JobRunIds = unfinished.slice(from, from + batchSize);
    const { SuccessfulSubmissions, Errors } = await glue.batchStopJobRun({ JobName: owner.jobName, JobRunIds });
    stopped.push(...(SuccessfulSubmissions ?? []).flatMap(({ JobRunId }) => JobRunId ?? []));
    refused.push(...(Errors ?? []).map(refusal));
  }
  return { runs, stopped, refused };
}

/** Newest first, and no further back than the execution's start: a job may have ten thousands of runs. */
async function runsOf(glue: JobRuns, { jobName, executionName, startedAt }: RunOwner): Promise<readonly JobRun[]> {
  const found: JobRun[] = [];
  let NextToken: string | undefined;
  do {
    const page = await glue.getJobRuns({
      JobName: jobName,
      MaxResults: pageSize,
      ...(NextToken !== undefined && { NextToken }),
    });
    for (const run of page.JobRuns ?? []) {
      if (run.StartedOn !== undefined && run.StartedOn.getTime() < startedAt - clockSkewMs) return found;
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
