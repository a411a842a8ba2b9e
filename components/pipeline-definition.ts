import type * as pulumi from "@pulumi/pulumi";
import { executionName, known, malformedRule, rejectionRules, type Validation } from "./file-validation.ts";
import type { Polling } from "./polling.ts";
import { jsonata, stateGraph, type Integration, type StateGraph, type Value } from "./state-machine/states.ts";
import { anyError, anyTaskFailure, busy, transient } from "./task-retries.ts";

export interface PipelineDefinitionArgs {
  readonly job: { readonly startJobRun: Integration; readonly getJobRun: Integration };
  readonly validation: Required<Validation>;
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  /** A run that has not ended after this long is given up: an execution's history is limited, and so is patience. */
  readonly giveUpAfterMinutes: number;
  readonly outputBucket: pulumi.Input<string>;
  readonly notify: { readonly call: Integration; readonly topicArn: pulumi.Input<string> };
  readonly keepFailure: { readonly call: Integration; readonly queueUrl: pulumi.Input<string> };
}

/** What happens when a job run does not succeed. */
export interface JobRetry {
  /** Runs per file, the first included. @default 3 */
  readonly maxAttempts?: number;
  /** Seconds before the second run. @default 30 */
  readonly intervalSeconds?: number;
  /** Each further wait is this many times the one before. @default 2 */
  readonly backoffRate?: number;
}

export const jobRetryDefaults = Object.freeze({ maxAttempts: 3, intervalSeconds: 30, backoffRate: 2 });

/** One table of states for all that reads a run's state; a state that is in none of these lists fails the file. */
const unfinished = ["STARTING", "WAITING", "RUNNING", "STOPPING"];
/** Ended by a fault, so that another run may succeed. STOPPED was somebody's decision, and TIMEOUT would come again. */
const worthAnotherRun = ["FAILED", "ERROR", "EXPIRED"];

const lookTimeoutSeconds = 960;

/** All the waits between the runs of a file. */
export const secondsBetweenRuns = ({ maxAttempts, intervalSeconds, backoffRate }: Required<JobRetry>): number =>
  Array.from({ length: maxAttempts - 1 }, (_, run) => intervalSeconds * backoffRate ** run).reduce((a, b) => a + b, 0);

/**
 * Validate → StartJobRun → WaitForJobRun ⇄ GetJobRun → CheckJobRun → Succeeded, Rejected or Failed.
 *
 * Variables: `file` (the event's bucket, key, versionId, size), `attempt`, `jobRunId`, `jobRun` (what was last seen of
 * it), `waited` and `wait` (seconds), and at the end `result`, which is the execution's output, the notification and,
 * for a failed file, the message in the failure queue.
 */
export const pipelineDefinition = (args: PipelineDefinitionArgs): StateGraph =>
  stateGraph({
    startAt: "Validate",
    states: {
      Validate: {
        type: "Choice",
        comment: "Reject what no job could do anything with",
        choices: [malformedRule("KeepFailure"), ...rejectionRules(args.validation, "NotifyRejected")],
        assign: { ...known, attempt: 1 },
        default: "StartJobRun",
      },
      StartJobRun: {
        type: "Task",
        call: args.job.startJobRun,
        arguments: { JobName: jsonata("$jobName"), Arguments: runArguments(args.outputBucket) },
        timeoutSeconds: 60,
        assign: { jobRunId: jsonata("$states.result.JobRunId"), waited: 0, wait: args.polling.floorSeconds },
        retry: [transient, busy, anyTaskFailure],
        catch: [{ errors: ["States.ALL"], assign: { result: taskFailure }, next: "KeepFailure" }],
        next: "WaitForJobRun",
      },
      WaitForJobRun: {
        type: "Wait",
        seconds: jsonata("$wait"),
        assign: { waited: jsonata("$waited + $wait"), wait: nextWait(args.polling) },
        next: "GetJobRun",
      },
      GetJobRun: {
        type: "Task",
        call: args.job.getJobRun,
        arguments: { JobName: jsonata("$jobName"), RunId: jsonata("$jobRunId") },
        timeoutSeconds: lookTimeoutSeconds,
        assign: { jobRun: jobRunSummary },
        retry: [transient, anyTaskFailure],
        catch: [
          {
            errors: ["States.ALL"],
            assign: { result: { ...taskFailure, jobRunId: jsonata("$jobRunId") } },
            next: "KeepFailure",
          },
        ],
        next: "CheckJobRun",
      },
      CheckJobRun: {
        type: "Choice",
        choices: [
          {
            condition: jsonata(
              `$jobRun.JobRunState in ${list(unfinished)} and $waited < ${args.giveUpAfterMinutes * 60}`,
            ),
            next: "WaitForJobRun",
          },
          {
            condition: jsonata('$jobRun.JobRunState = "SUCCEEDED"'),
            assign: { result: { outcome: "succeeded", ...about, ...job, output: outputLocation(args.outputBucket) } },
            next: "NotifySucceeded",
          },
          {
            condition: jsonata(
              `$jobRun.JobRunState in ${list(worthAnotherRun)} and $attempt < ${args.retry.maxAttempts}`,
            ),
            next: "BackOff",
          },
        ],
        assign: { result: jobRunFailure(args.giveUpAfterMinutes) },
        default: "KeepFailure",
      },
      BackOff: {
        type: "Wait",
        comment: "Let what broke the run pass before the next one",
        seconds: jsonata(`$floor(${args.retry.intervalSeconds} * $power(${args.retry.backoffRate}, $attempt - 1))`),
        assign: { attempt: jsonata("$attempt + 1") },
        next: "StartJobRun",
      },
      NotifySucceeded: notify(args, "File succeeded", "Succeeded"),
      Succeeded: { type: "Succeed" },
      NotifyRejected: notify(args, "File rejected", "Rejected"),
      Rejected: { type: "Succeed" },
      KeepFailure: {
        type: "Task",
        comment: "What failed waits in the failure queue for a person, with all that a replay needs",
        call: args.keepFailure.call,
        arguments: { QueueUrl: args.keepFailure.queueUrl, MessageBody: jsonata("$string($result)") },
        timeoutSeconds: 60,
        retry: [anyError],
        catch: [{ errors: ["States.ALL"], assign: { result: withTrouble("keepFailureError") }, next: "NotifyFailed" }],
        next: "NotifyFailed",
      },
      NotifyFailed: notify(args, "File failed", "Failed"),
      Failed: { type: "Fail", error: jsonata("$result.error"), cause: jsonata("$result.cause") },
    },
  });

const about = {
  file: jsonata("$file"),
  executionName,
};

const job = {
  jobName: jsonata("$jobName"),
  attempts: jsonata("$attempt"),
  jobRun: jsonata("$jobRun"),
};

const jobRunSummary: Value = {
  Id: jsonata("$states.result.JobRun.Id"),
  JobRunState: jsonata("$states.result.JobRun.JobRunState"),
  ExecutionTime: jsonata("$exists($states.result.JobRun.ExecutionTime) ? $states.result.JobRun.ExecutionTime : 0"),
  ErrorMessage: jsonata('$exists($states.result.JobRun.ErrorMessage) ? $states.result.JobRun.ErrorMessage : ""'),
};

/** A task that failed for good: its error and cause, untouched. */
const taskFailure = {
  outcome: "failed",
  ...about,
  jobName: jsonata("$jobName"),
  attempts: jsonata("$attempt"),
  error: jsonata("$states.errorOutput.Error"),
  cause: jsonata('$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ""'),
  input: jsonata("$states.context.Execution.Input"),
};

const jobRunFailure = (giveUpAfterMinutes: number): Value => ({
  outcome: "failed",
  ...about,
  ...job,
  error: jsonata('"JobRun." & $jobRun.JobRunState'),
  cause: jsonata(
    '"Job run " & $jobRun.Id & " of " & $jobName & " was " & $jobRun.JobRunState & " after attempt " & $attempt' +
      ` & ($jobRun.JobRunState in ${list(unfinished)} ? ": given up after ${giveUpAfterMinutes} minutes" : "")` +
      ' & ($jobRun.ErrorMessage = "" ? "" : ": " & $jobRun.ErrorMessage)',
  ),
  input: jsonata("$states.context.Execution.Input"),
});

/** The result, with what went wrong while it was reported: an outcome is not lost because a message was. */
const withTrouble = (field: string): Value =>
  jsonata(`$merge([$result, {"${field}": $states.errorOutput.Error & ": " & $states.errorOutput.Cause}])`);

const list = (values: readonly string[]): string => JSON.stringify(values);

/** Glue's arguments are text. What all runs share is in the job's default arguments. */
const runArguments = (outputBucket: pulumi.Input<string>): Value => ({
  "--bucket": jsonata("$file.bucket"),
  "--key": jsonata("$file.key"),
  "--version_id": jsonata("$file.versionId"),
  "--size": jsonata("$string($file.size)"),
  "--output_bucket": outputBucket,
  "--execution_name": executionName,
  "--attempt": jsonata("$string($attempt)"),
});

const outputLocation = (bucket: pulumi.Input<string>): Value => ({
  bucket,
  prefix: jsonata('"processed/execution=" & $states.context.Execution.Name & "/"'),
});

const nextWait = ({ floorSeconds, ceilingSeconds, share }: Required<Polling>): string =>
  jsonata(`$min([${ceilingSeconds}, $max([${Math.max(1, floorSeconds)}, $ceil(($waited + $wait) * ${share})])])`);

const notify = <Next extends string>(
  { notify: { call, topicArn } }: PipelineDefinitionArgs,
  subject: string,
  next: Next,
) =>
  ({
    type: "Task",
    call,
    arguments: {
      TopicArn: topicArn,
      Subject: subject,
      Message: jsonata("$string($result)"),
      MessageAttributes: { outcome: { DataType: "String", StringValue: jsonata("$result.outcome") } },
    },
    timeoutSeconds: 60,
    retry: [anyError],
    // Here and not in the final state, whose own Output emulators pass over.
    output: jsonata("$result"),
    catch: [
      {
        errors: ["States.ALL"],
        assign: { result: withTrouble("notificationError") },
        output: withTrouble("notificationError"),
        next,
      },
    ],
    next,
  }) as const;
