import { unfinishedStates } from "../run-states.ts";
import type { Entry, JobRunSummary, Result } from "./entry.ts";

/** What the state machine tells of a file, from the entry of one. */
export function rejected({ name, input }: Pick<Entry, "name" | "input">, reason: string): Result {
  return { outcome: "rejected", file: input.arguments, executionName: name, reason };
}

export function succeeded(entry: Entry, jobRun: JobRunSummary, outputBucket: string): Result {
  return {
    outcome: "succeeded",
    ...about(entry),
    jobRun,
    output: { bucket: outputBucket, prefix: `processed/execution=${entry.name}/` },
  };
}

/** A run that did not succeed, and after which there is none. */
export function runFailed(entry: Entry, jobRun: JobRunSummary, giveUpAfterMinutes: number): Result {
  const { Id, JobRunState, ErrorMessage } = jobRun;
  const givenUp = unfinishedStates.includes(JobRunState) ? `: given up after ${giveUpAfterMinutes} minutes` : "";
  return {
    outcome: "failed",
    ...about(entry),
    jobRun,
    error: `JobRun.${JobRunState}`,
    cause:
      `Job run ${Id} of ${entry.input.jobName} was ${JobRunState} after attempt ${entry.attempt}${givenUp}` +
      (ErrorMessage === "" ? "" : `: ${ErrorMessage}`),
    input: entry.input,
  };
}

/** A call that failed for good. */
export function callFailed(entry: Entry, error: string, cause: string): Result {
  return {
    outcome: "failed",
    ...about(entry),
    error,
    cause,
    input: entry.input,
    ...(entry.jobRunId !== undefined && { jobRunId: entry.jobRunId }),
  };
}

function about({ name, input, attempt }: Entry) {
  return { file: input.arguments, executionName: name, jobName: input.jobName, attempts: attempt };
}
