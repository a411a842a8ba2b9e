import type * as pulumi from "@pulumi/pulumi";
import { manifestArgument } from "../functions/lib/run-arguments.ts";
import { executionName, known, malformedRule, rejectionRules, type Validation } from "./file-validation.ts";
import type { JobCalls } from "./glue-job.ts";
import { backOff, jobRun } from "./pipeline-definition/job-run.ts";
import { endStates, type Reports } from "./pipeline-definition/reports.ts";
import { failedResult, success } from "./pipeline-definition/results.ts";
import type { RunFlow } from "./pipeline-definition/run-flow.ts";
import { argumentsOfRun } from "./pipeline-definition/start.ts";
import type { Polling } from "./polling.ts";
import type { OverridePlan } from "./run-overrides.ts";
import { jsonata, stateGraph, type State, type StateGraph } from "./state-machine/states.ts";

export interface PipelineDefinitionArgs extends Reports {
  readonly job: JobCalls;
  /** What a file must be; of batches their dispatcher knows. */
  readonly validation?: Required<Validation>;
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  /** Seconds after which a run whose end no event has told of is looked for. */
  readonly eventHeartbeatSeconds: number;
  /** A run that has not ended after this long is given up: an execution's history is limited, and so is patience. */
  readonly giveUpAfterMinutes: number;
  /** A run that finds no place is asked for again for so long. */
  readonly patienceSeconds: number;
  readonly outputBucket: pulumi.Input<string>;
  /** Whether the file is the manifest of a batch, which the job is to take the files of. @default false */
  readonly takesManifests?: boolean;
  /** What an execution's input may change of its runs. */
  readonly overrides: OverridePlan;
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
 * the looks where the task that starts a run ends with it, or with the event of its end. When that event is lost:
 * StartJobRun → FindJobRun → GetJobRun → CheckJobRun ⇄ WaitForJobRun.
 *
 * Variables: `file` (the event's bucket, key, versionId, size), `attempt`, `jobRunId`, `jobRun` (what was last seen of
 * it), `waited` and `wait` (seconds), `trouble` (the error of a task that waited for a run), and at the end `result`,
 * which is the execution's output, the notification and, for a failed file, the message in the failure queue.
 */
export const pipelineDefinition = (args: PipelineDefinitionArgs): StateGraph => {
  const flow = flowOf(args);
  const { NotifySucceeded, Succeeded, NotifyRejected, Rejected, ...failure } = endStates(args);
  return stateGraph<string>({
    startAt: "Validate",
    states: {
      Validate: validate(args),
      BackOff: backOff(flow),
      NotifySucceeded,
      Succeeded,
      // A state that nothing leads to is none that Step Functions takes.
      ...(args.validation !== undefined && { NotifyRejected, Rejected }),
      ...failure,
      ...jobRun(flow, args.job),
    },
  });
};

const validate = (args: PipelineDefinitionArgs) =>
  ({
    type: "Choice",
    comment: "Reject what no job could do anything with",
    choices: [
      malformedRule("KeepFailure"),
      ...args.overrides.rules("KeepFailure"),
      ...(args.validation === undefined ? [] : rejectionRules(args.validation, "NotifyRejected")),
    ],
    assign: { ...known, ...args.overrides.assign, attempt: 1 },
    default: "StartJobRun",
  }) as const satisfies State<string>;

const flowOf = (args: PipelineDefinitionArgs): RunFlow => ({
  state: (verb) => verb,
  variable: (name) => name,
  jobName: { value: jsonata("$jobName"), expression: "$jobName" },
  owner: { executionName },
  startArguments: {
    JobName: jsonata("$jobName"),
    ...args.overrides.arguments,
    Arguments: {
      ...argumentsOfRun({ outputBucket: args.outputBucket, attempt: "attempt" }),
      ...(args.takesManifests === true && { [manifestArgument]: jsonata('"s3://" & $file.bucket & "/" & $file.key') }),
    },
  },
  retry: args.retry,
  polling: args.polling,
  giveUpAfterMinutes: args.giveUpAfterMinutes,
  eventHeartbeatSeconds: args.eventHeartbeatSeconds,
  patienceSeconds: args.patienceSeconds,
  succeeded: { assign: { result: success(args.outputBucket) }, next: "NotifySucceeded" },
  failed: { variable: "result", describe: failedResult, next: "KeepFailure" },
});
