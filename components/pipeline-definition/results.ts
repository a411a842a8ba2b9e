import * as pulumi from "@pulumi/pulumi";
import { unfinishedStates } from "../../functions/lib/run-states.ts";
import { executionName } from "../file-validation.ts";
import { jsonata, type Value } from "../state-machine/states.ts";
import { reading, type RunFailure, type RunFlow } from "./run-flow.ts";

const about = {
  file: jsonata("$file"),
  executionName,
};

const job = {
  jobName: jsonata("$jobName"),
  attempts: jsonata("$attempt"),
};

/** What is kept of a JobRun that an expression leads to. */
export const jobRunSummary = (run: string): Readonly<Record<string, string>> => ({
  Id: jsonata(`${run}.Id`),
  JobRunState: jsonata(`${run}.JobRunState`),
  ExecutionTime: jsonata(`$exists(${run}.ExecutionTime) ? ${run}.ExecutionTime : 0`),
  ErrorMessage: jsonata(`$exists(${run}.ErrorMessage) ? ${run}.ErrorMessage : ""`),
});

/** What a single job's execution ends with. */
export const success = (outputBucket: pulumi.Input<string>): Value => ({
  outcome: "succeeded",
  ...about,
  ...job,
  jobRun: jsonata("$jobRun"),
  output: {
    bucket: outputBucket,
    prefix: jsonata('"processed/execution=" & $states.context.Execution.Name & "/"'),
  },
});

/** What an execution ends with whose single job has failed. */
export const failedResult = ({ jobRun, error, cause, jobRunId }: RunFailure): Readonly<Record<string, Value>> => ({
  outcome: "failed",
  ...about,
  ...job,
  ...(jobRun !== undefined && { jobRun }),
  error,
  cause,
  input: jsonata("$states.context.Execution.Input"),
  ...(jobRunId !== undefined && { jobRunId }),
});

const causeOfTask = '$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ""';

/** A task's error as it came, its cause perhaps empty. */
export const errorOutput = {
  Error: jsonata("$states.errorOutput.Error"),
  Cause: jsonata(causeOfTask),
};

/** A task that failed for good: its error and cause, untouched. */
export const taskFailure = { error: errorOutput.Error, cause: errorOutput.Cause } as const satisfies RunFailure;

/** A run that was seen not to succeed; `givenUp` is what to say of one that still goes on. */
export const jobRunFailure = (flow: RunFlow, givenUp?: string): RunFailure => {
  const causeFor = (jobName: string): string =>
    reading(
      flow,
      (read) =>
        `"Job run " & ${read("jobRun")}.Id & " of " & ${jobName} & " was " & ${read("jobRun")}.JobRunState & " after attempt " & ${read("attempt")}` +
        (givenUp === undefined
          ? ""
          : ` & (${read("jobRun")}.JobRunState in ${list(unfinishedStates)} ? ": ${givenUp}" : "")`) +
        ` & (${read("jobRun")}.ErrorMessage = "" ? "" : ": " & ${read("jobRun")}.ErrorMessage)`,
    );
  const { expression } = flow.jobName;
  return {
    jobRun: reading(flow, (read) => read("jobRun")),
    error: reading(flow, (read) => `"JobRun." & ${read("jobRun")}.JobRunState`),
    cause: typeof expression === "string" ? causeFor(expression) : pulumi.output(expression).apply(causeFor),
  };
};

/**
 * A result, with what went wrong while it was reported: an outcome is not lost because a message was. `result` is JSONata,
 * with its dollar sign where it is a variable.
 */
export const withTrouble = (field: string, result = "$result"): string =>
  jsonata(`$merge([${result}, {"${field}": $states.errorOutput.Error & ": " & $states.errorOutput.Cause}])`);

export const list = (values: readonly string[]): string => JSON.stringify(values);
