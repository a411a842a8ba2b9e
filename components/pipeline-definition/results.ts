import type * as pulumi from "@pulumi/pulumi";
import { unfinishedStates } from "../../functions/lib/run-states.ts";
import { executionName } from "../file-validation.ts";
import { jsonata, type Value } from "../state-machine/states.ts";

const about = {
  file: jsonata("$file"),
  executionName,
};

const job = {
  jobName: jsonata("$jobName"),
  attempts: jsonata("$attempt"),
  jobRun: jsonata("$jobRun"),
};

/** What is kept of a JobRun that an expression leads to. */
export const jobRunSummary = (run: string): Readonly<Record<string, string>> => ({
  Id: jsonata(`${run}.Id`),
  JobRunState: jsonata(`${run}.JobRunState`),
  ExecutionTime: jsonata(`$exists(${run}.ExecutionTime) ? ${run}.ExecutionTime : 0`),
  ErrorMessage: jsonata(`$exists(${run}.ErrorMessage) ? ${run}.ErrorMessage : ""`),
});

export const success = (outputBucket: pulumi.Input<string>): Value => ({
  outcome: "succeeded",
  ...about,
  ...job,
  output: {
    bucket: outputBucket,
    prefix: jsonata('"processed/execution=" & $states.context.Execution.Name & "/"'),
  },
});

/** A task's error as it came, its cause perhaps empty. */
export const errorOutput = {
  Error: jsonata("$states.errorOutput.Error"),
  Cause: jsonata('$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ""'),
};

/** A task that failed for good: its error and cause, untouched. */
export const taskFailure = ({
  Error: error,
  Cause: cause,
}: Readonly<Record<"Error" | "Cause", string>> = errorOutput): Readonly<Record<string, Value>> => ({
  outcome: "failed",
  ...about,
  jobName: jsonata("$jobName"),
  attempts: jsonata("$attempt"),
  error,
  cause,
  input: jsonata("$states.context.Execution.Input"),
});

/** A run that was seen not to succeed; `givenUp` is what to say of one that still goes on. */
export const jobRunFailure = (givenUp?: string): Value => ({
  outcome: "failed",
  ...about,
  ...job,
  error: jsonata('"JobRun." & $jobRun.JobRunState'),
  cause: jsonata(
    '"Job run " & $jobRun.Id & " of " & $jobName & " was " & $jobRun.JobRunState & " after attempt " & $attempt' +
      (givenUp === undefined ? "" : ` & ($jobRun.JobRunState in ${list(unfinishedStates)} ? ": ${givenUp}" : "")`) +
      ' & ($jobRun.ErrorMessage = "" ? "" : ": " & $jobRun.ErrorMessage)',
  ),
  input: jsonata("$states.context.Execution.Input"),
});

/** The result, with what went wrong while it was reported: an outcome is not lost because a message was. */
export const withTrouble = (field: string): Value =>
  jsonata(`$merge([$result, {"${field}": $states.errorOutput.Error & ": " & $states.errorOutput.Cause}])`);

export const list = (values: readonly string[]): string => JSON.stringify(values);
