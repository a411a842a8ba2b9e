import type * as pulumi from "@pulumi/pulumi";
import { known, malformedRule, rejectionRules, type Validation } from "./file-validation.ts";
import type { JobCalls } from "./glue-job.ts";
import { awaitedRun } from "./pipeline-definition/awaited-run.ts";
import { polledRun } from "./pipeline-definition/polled-run.ts";
import { withTrouble } from "./pipeline-definition/results.ts";
import type { Polling } from "./polling.ts";
import type { OverridePlan } from "./run-overrides.ts";
import { jsonata, stateGraph, type Integration, type State, type StateGraph } from "./state-machine/states.ts";
import { anyError } from "./task-retries.ts";

export interface PipelineDefinitionArgs {
  readonly job: JobCalls;
  readonly validation: Required<Validation>;
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  /** A run that has not ended after this long is given up: an execution's history is limited, and so is patience. */
  readonly giveUpAfterMinutes: number;
  /** A run that finds no place is asked for again for so long. */
  readonly patienceSeconds: number;
  readonly outputBucket: pulumi.Input<string>;
  /** What an execution's input may change of its runs. */
  readonly overrides: OverridePlan;
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

/** All the waits between the runs of a file, as BackOff makes them. */
export const secondsBetweenRuns = ({ maxAttempts, intervalSeconds, backoffRate }: Required<JobRetry>): number =>
  Array.from({ length: maxAttempts - 1 }, (_, run) => Math.floor(intervalSeconds * backoffRate ** run)).reduce(
    (a, b) => a + b,
    0,
  );

/**
 * Validate → StartJobRun → WaitForJobRun ⇄ GetJobRun → CheckJobRun → Succeeded, Rejected or Failed; without the wait and
 * the looks where the task that starts a run ends with it.
 *
 * Variables: `file` (the event's bucket, key, versionId, size), `attempt`, `jobRunId`, `jobRun` (what was last seen of
 * it), `waited` and `wait` (seconds), `trouble` (the error of a task that waited for a run), and at the end `result`,
 * which is the execution's output, the notification and, for a failed file, the message in the failure queue.
 */
export const pipelineDefinition = (args: PipelineDefinitionArgs): StateGraph => {
  const around = statesAround(args);
  switch (args.job.completion) {
    case "poll":
      return stateGraph({ startAt: "Validate", states: { ...around, ...polledRun(args, args.job) } });
    case "sync":
      return stateGraph({ startAt: "Validate", states: { ...around, ...awaitedRun(args, args.job.startJobRun) } });
  }
};

/** What comes before a run, between two, and after the last. */
const statesAround = (args: PipelineDefinitionArgs) =>
  ({
    Validate: {
      type: "Choice",
      comment: "Reject what no job could do anything with",
      choices: [
        malformedRule("KeepFailure"),
        ...args.overrides.rules("KeepFailure"),
        ...rejectionRules(args.validation, "NotifyRejected"),
      ],
      assign: { ...known, ...args.overrides.assign, attempt: 1 },
      default: "StartJobRun",
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
  }) as const satisfies Record<string, State<string>>;

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
