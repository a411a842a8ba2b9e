import type { Integration, State } from "../state-machine/states.ts";
import { jsonata } from "../state-machine/states.ts";
import { busyFor, transientBeforeRun } from "../task-retries.ts";
import { hasSucceeded, isWorthAnother } from "./polled-run.ts";
import { errorOutput, jobRunFailure, jobRunSummary, taskFailure } from "./results.ts";
import { failure, reading, remember, type RunFlow } from "./run-flow.ts";

/** A cause of this many characters has been cut, and is no JSON any more. */
export const maxCauseLength = 32_768;

/** StartJobRun → CheckJobRun: the task that starts the run ends with it. */
export const awaitedRun = (flow: RunFlow, startJobRun: Integration): Readonly<Record<string, State<string>>> => ({
  [flow.state("StartJobRun")]: {
    type: "Task",
    call: startJobRun,
    arguments: flow.startArguments,
    timeoutSeconds: flow.giveUpAfterMinutes * 60,
    assign: remember(flow, { jobRun: jobRunSummary("$states.result") }),
    // A run that failed is the error States.TaskFailed, which in a Retry stands for every error: which run is worth
    // another, and how many there are, is CheckJobRun's to say.
    retry: [transientBeforeRun, busyFor(flow.patienceSeconds)],
    catch: [
      {
        errors: ["States.Timeout"],
        assign: failure(flow, { ...taskFailure, cause: timeOut(flow.giveUpAfterMinutes) }),
        next: flow.failed.next,
      },
      {
        errors: ["States.ALL"],
        assign: remember(flow, { jobRun: failedRun, trouble: errorOutput }),
        next: flow.state("CheckJobRun"),
      },
    ],
    next: flow.state("CheckJobRun"),
  },
  [flow.state("CheckJobRun")]: {
    type: "Choice",
    comment: "Whether a stopped run fails the task that waits for it is not certain: the run's state decides",
    choices: [
      {
        condition: reading(flow, (read) => `${read("jobRun")}.JobRunState = ""`),
        assign: failure(flow, {
          error: reading(flow, (read) => `${read("trouble")}.Error`),
          cause: reading(flow, (read) => `${read("trouble")}.Cause`),
        }),
        next: flow.failed.next,
      },
      hasSucceeded(flow),
      isWorthAnother(flow),
    ],
    assign: failure(flow, jobRunFailure(flow, "given up")),
    default: flow.failed.next,
  },
});

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
