import type * as pulumi from "@pulumi/pulumi";
import { unfinishedStates } from "../../functions/lib/run-states.ts";
import { executionName } from "../file-validation.ts";
import type { JobCalls } from "../glue-job.ts";
import { nextWait } from "../pipeline-definition/polled-run.ts";
import type { Reports } from "../pipeline-definition/reports.ts";
import type { Polling } from "../polling.ts";
import { jsonata, type Integration, type State, type StateGraph, type Value } from "../state-machine/states.ts";
import { anyError, anyTaskFailure, transient } from "../task-retries.ts";

/** How a job that fails is run again. */
export interface StreamRetry {
  /** Runs that may end badly one after the other before it is given up. @default 5 */
  readonly maxFailures?: number;
  /** Seconds before the first run again; doubled each time, up to fifteen minutes. @default 30 */
  readonly intervalSeconds?: number;
  /** A run that has lasted so long was well: failures are counted anew. @default 30 */
  readonly healthyAfterMinutes?: number;
}

export const streamRetryDefaults = Object.freeze({ maxFailures: 5, intervalSeconds: 30, healthyAfterMinutes: 30 });

export interface KeeperArgs extends Reports {
  readonly jobName: pulumi.Input<string>;
  readonly calls: Extract<JobCalls, { readonly completion: "poll" }>;
  readonly arguments: Readonly<Record<`--${string}`, Value>>;
  readonly retry: Required<StreamRetry>;
  readonly polling: Required<Polling>;
  /** The longest time between two batches. */
  readonly triggerSeconds: number;
  /** Keeps the job running that reads what this one writes. */
  readonly next?: { readonly call: Integration; readonly machineArn: pulumi.Input<string> };
  /** Starts an execution of this machine. */
  readonly startSuccessor: Integration;
}

const longestBackOffSeconds = 900;

/**
 * Keeps a streaming job running. Each run has an execution of its own, which watches it to its end and then starts the
 * execution of the next one: so no history grows with the job's life, and whoever stops an execution stops the job.
 *
 * A run that ended SUCCEEDED found its stream quiet, and one that was STOPPED was meant to end: neither is followed by
 * another. A second keeper is turned away by the job's own bound of one run at a time; it looks again once, longer than
 * any batch later: a run that is still there then has read what was in the stream before.
 */
export const keeperDefinition = (args: KeeperArgs): StateGraph => {
  const begin: State<string> = {
    type: "Pass",
    assign: { failures: jsonata("$exists($states.input.failures) ? $states.input.failures : 0"), looked: false },
    next: "StartJobRun",
  };
  const next: Readonly<Record<string, State<string>>> = args.next === undefined ? {} : startNext(args.next);
  return { startAt: "Begin", states: { Begin: begin, ...watchStates(args), ...next, ...endStates(args) } };
};

const watchStates = ({ jobName, calls, triggerSeconds, ...args }: KeeperArgs) =>
  ({
    StartJobRun: {
      type: "Task",
      call: calls.startJobRun,
      arguments: {
        JobName: jobName,
        Arguments: {
          ...args.arguments,
          "--execution_name": executionName,
          "--attempt": jsonata("$string($failures + 1)"),
        },
      },
      timeoutSeconds: 60,
      assign: { jobRunId: jsonata("$states.result.JobRunId"), waited: 0, wait: args.polling.floorSeconds },
      retry: [transient],
      catch: [
        { errors: ["Glue.ConcurrentRunsExceededException"], next: "IsKept" },
        { errors: ["States.ALL"], assign: { ended: failedCall }, next: "IsWorthAnother" },
      ],
      next: "WaitForJobRun",
    },
    IsKept: {
      type: "Choice",
      choices: [{ condition: jsonata("$looked"), next: "KeptByAnother" }],
      assign: { looked: true },
      default: "WaitForBatch",
    },
    WaitForBatch: { type: "Wait", seconds: 2 * triggerSeconds + 60, next: "StartJobRun" },
    KeptByAnother: { type: "Succeed", output: { outcome: "kept by another" } },
    WaitForJobRun: {
      type: "Wait",
      seconds: jsonata("$wait"),
      assign: {
        waited: jsonata("$waited + $wait"),
        wait: nextWait({ variable: (name) => name, polling: args.polling }),
      },
      next: "GetJobRun",
    },
    GetJobRun: {
      type: "Task",
      call: calls.getJobRun,
      arguments: { JobName: jobName, RunId: jsonata("$jobRunId") },
      timeoutSeconds: 60,
      assign: {
        ended: {
          JobRunState: jsonata("$states.result.JobRun.JobRunState"),
          error: jsonata('"JobRun." & $states.result.JobRun.JobRunState'),
          seconds: jsonata("$exists($states.result.JobRun.ExecutionTime) ? $states.result.JobRun.ExecutionTime : 0"),
          reason: jsonata("$exists($states.result.JobRun.ErrorMessage) ? $states.result.JobRun.ErrorMessage : ''"),
        },
      },
      // The run goes on whether it is seen or not, and must be watched as long as it does.
      retry: [{ ...transient, maxAttempts: 60 }, anyTaskFailure],
      catch: [{ errors: ["States.ALL"], assign: { ended: failedCall }, next: "StopJobRun" }],
      next: "CheckJobRun",
    },
    CheckJobRun: {
      type: "Choice",
      choices: [
        { condition: jsonata(`$ended.JobRunState in ${JSON.stringify(unfinishedStates)}`), next: "WaitForJobRun" },
        { condition: jsonata('$ended.JobRunState = "SUCCEEDED"'), next: args.next ? "StartNext" : "Ended" },
        { condition: jsonata('$ended.JobRunState = "STOPPED"'), next: "Ended" },
        // Its time was over, as it is for every run: the next one goes on at the checkpoint.
        { condition: jsonata('$ended.JobRunState = "TIMEOUT"'), assign: { failures: 0 }, next: "StartSuccessor" },
      ],
      default: "IsWorthAnother",
    },
    StopJobRun: {
      type: "Task",
      comment: "A run that cannot be watched must not go on",
      call: calls.batchStopJobRun,
      arguments: { JobName: jobName, JobRunIds: [jsonata("$jobRunId")] },
      timeoutSeconds: 60,
      retry: [transient, anyTaskFailure],
      catch: [{ errors: ["States.ALL"], next: "Report" }],
      next: "Report",
    },
    Ended: {
      type: "Succeed",
      output: { outcome: "ended", jobRunId: jsonata("$jobRunId"), jobRun: jsonata("$ended") },
    },
  }) as const;

const startNext = ({ call, machineArn }: NonNullable<KeeperArgs["next"]>) =>
  ({
    StartNext: {
      type: "Task",
      call,
      arguments: { StateMachineArn: machineArn, Input: { after: executionName } },
      timeoutSeconds: 60,
      retry: [anyError],
      catch: [{ errors: ["States.ALL"], assign: { ended: failedCall }, next: "Report" }],
      next: "Ended",
    },
  }) as const;

const endStates = ({ jobName, retry, startSuccessor, notify, keepFailure }: KeeperArgs) => {
  const failures = `($ended.seconds >= ${retry.healthyAfterMinutes * 60} ? 1 : $failures + 1)`;
  const report: Value = {
    outcome: "failed",
    jobName,
    executionName,
    failures: jsonata("$failures"),
    error: jsonata("$ended.error"),
    cause: jsonata("$ended.reason"),
    input: jsonata("$states.context.Execution.Input"),
  };
  return {
    IsWorthAnother: {
      type: "Choice",
      choices: [
        {
          condition: jsonata(`${failures} < ${retry.maxFailures}`),
          assign: { failures: jsonata(failures) },
          next: "BackOff",
        },
      ],
      assign: { failures: jsonata(failures) },
      default: "Report",
    },
    BackOff: {
      type: "Wait",
      seconds: jsonata(`$min([${longestBackOffSeconds}, ${retry.intervalSeconds} * $power(2, $failures - 1)])`),
      next: "StartSuccessor",
    },
    StartSuccessor: {
      type: "Task",
      call: startSuccessor,
      arguments: {
        StateMachineArn: jsonata("$states.context.StateMachine.Id"),
        Input: { failures: jsonata("$failures"), after: executionName },
      },
      timeoutSeconds: 60,
      retry: [anyError],
      catch: [{ errors: ["States.ALL"], assign: { ended: failedCall }, next: "Report" }],
      output: { outcome: "followed", executionArn: jsonata("$states.result.ExecutionArn"), jobRun: jsonata("$ended") },
      next: "Followed",
    },
    Followed: { type: "Succeed" },
    Report: { type: "Pass", assign: { report }, next: "KeepFailure" },
    KeepFailure: {
      type: "Task",
      call: keepFailure.call,
      arguments: { QueueUrl: keepFailure.queueUrl, MessageBody: jsonata("$string($report)") },
      timeoutSeconds: 60,
      retry: [anyError],
      catch: [{ errors: ["States.ALL"], next: "Notify" }],
      next: "Notify",
    },
    Notify: {
      type: "Task",
      call: notify.call,
      arguments: {
        TopicArn: notify.topicArn,
        Subject: "Streaming job given up",
        Message: jsonata("$string($report)"),
        MessageAttributes: { outcome: { DataType: "String", StringValue: "failed" } },
      },
      timeoutSeconds: 60,
      retry: [anyError],
      catch: [{ errors: ["States.ALL"], next: "GivenUp" }],
      next: "GivenUp",
    },
    GivenUp: { type: "Fail", error: jsonata("$ended.error"), cause: jsonata("$ended.reason") },
  } as const;
};

/** A call that failed for good, told as a run would be. */
const failedCall = {
  JobRunState: "",
  seconds: 0,
  error: jsonata("$states.errorOutput.Error"),
  reason: jsonata("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''"),
};
