import { statesWorthAnotherRun } from "../../functions/lib/run-states.ts";
import type { PipelineDefinitionArgs } from "../pipeline-definition.ts";
import { jsonata, type Integration, type State } from "../state-machine/states.ts";
import { busyFor, transientBeforeRun } from "../task-retries.ts";
import { errorOutput, jobRunFailure, jobRunSummary, list, success, taskFailure } from "./results.ts";
import { startArguments } from "./start.ts";

/** A cause of this many characters has been cut, and is no JSON any more. */
const maxCauseLength = 32_768;

/** StartJobRun → CheckJobRun: the task that starts the run ends with it. */
export const awaitedRun = (args: PipelineDefinitionArgs, startJobRun: Integration) =>
  ({
    StartJobRun: {
      type: "Task",
      call: startJobRun,
      arguments: startArguments(args),
      timeoutSeconds: args.giveUpAfterMinutes * 60,
      assign: { jobRun: jobRunSummary("$states.result") },
      // A run that failed is the error States.TaskFailed, which in a Retry stands for every error: which run is worth
      // another, and how many there are, is CheckJobRun's to say.
      retry: [transientBeforeRun, busyFor(args.patienceSeconds)],
      catch: [
        {
          errors: ["States.Timeout"],
          assign: { result: { ...taskFailure(), cause: timeOut(args.giveUpAfterMinutes) } },
          next: "KeepFailure",
        },
        { errors: ["States.ALL"], assign: { jobRun: failedRun, trouble: errorOutput }, next: "CheckJobRun" },
      ],
      next: "CheckJobRun",
    },
    CheckJobRun: {
      type: "Choice",
      comment: "Whether a stopped run fails the task that waits for it is not certain: the run's state decides",
      choices: [
        {
          condition: jsonata('$jobRun.JobRunState = ""'),
          assign: {
            result: taskFailure({ Error: jsonata("$trouble.Error"), Cause: jsonata("$trouble.Cause") }),
          },
          next: "KeepFailure",
        },
        {
          condition: jsonata('$jobRun.JobRunState = "SUCCEEDED"'),
          assign: { result: success(args.outputBucket) },
          next: "NotifySucceeded",
        },
        {
          condition: jsonata(
            `$jobRun.JobRunState in ${list(statesWorthAnotherRun)} and $attempt < ${args.retry.maxAttempts}`,
          ),
          next: "BackOff",
        },
      ],
      assign: { result: jobRunFailure("given up") },
      default: "KeepFailure",
    },
  }) as const satisfies Record<string, State<string>>;

/**
 * The run that a cause tells of; one without a state where it tells of none. A function's error holds its message, and
 * with it the run, one level deeper than an integration's.
 */
const failedRun = jsonata(
  "(" +
    '$read := function($text) { $substring($text, 0, 1) = "{" and $contains($text, "JobRunState")' +
    ` and $length($text) < ${maxCauseLength} ? $parse($text) : {} }; ` +
    `$told := $read($exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ""); ` +
    "$run := $exists($told.errorMessage) ? $read($told.errorMessage) : $told; " +
    '{"Id": $exists($run.Id) ? $run.Id : "", ' +
    '"JobRunState": $exists($run.JobRunState) ? $run.JobRunState : "", ' +
    '"ExecutionTime": $exists($run.ExecutionTime) ? $run.ExecutionTime : 0, ' +
    '"ErrorMessage": $exists($run.ErrorMessage) ? $run.ErrorMessage : ""}' +
    ")",
);

const timeOut = (minutes: number): string => `The job run had not ended ${minutes} minutes after it was asked for`;
