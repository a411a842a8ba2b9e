import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { DirectDispatch } from "./direct-dispatch.ts";
import { executionsOf, type DispatchTarget } from "./dispatcher.ts";
import { executionMinutes, patienceSeconds } from "./execution-time.ts";
import { validationDefaults } from "./file-validation.ts";
import type { GlueJob, JobCalls, RunStopper } from "./glue-job.ts";
import { Interruptions } from "./interruptions.ts";
import { pipelineDefaults, type PipelineSettings, type SingleJobArgs } from "./pipeline-args.ts";
import type { ObservedParts } from "./observability/observed.ts";
import { jobRetryDefaults, pipelineDefinition } from "./pipeline-definition.ts";
import type { Reports } from "./pipeline-definition/reports.ts";
import { PipelineMachine } from "./pipeline-machine.ts";
import { pollingDefaults } from "./polling.ts";
import { overridePlan } from "./run-overrides.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import type { Encryption } from "./security/encryption.ts";
import { publishUnderKey, sendUnderKey, withPermissions } from "./security/messages.ts";
import { publish, sendMessage } from "./state-machine/integrations.ts";
import type { StateGraph } from "./state-machine/states.ts";

/** Who takes a landed file through the job. */
export interface DispatchArgs {
  /**
   * A state machine, with an execution for each file; or functions alone, which call the job themselves and remember each
   * file in a table: cheaper, and with less to see. @default "state-machine"
   */
  readonly mode?: DispatchMode;
}

export type DispatchMode = "state-machine" | "direct";

export const dispatchDefaults = Object.freeze({ mode: "state-machine" });

/** What takes files through their job. */
export interface Orchestration {
  /** What the dispatcher does with a file. */
  readonly target: DispatchTarget;
  readonly stateMachine?: aws.sfn.StateMachine;
  /** Where there is no state machine: all files with what came of them. */
  readonly ledger?: aws.dynamodb.Table;
  readonly observed: ObservedParts;
}

export interface OrchestrationParts {
  readonly job: GlueJob;
  readonly output: aws.s3.Bucket;
  readonly failures: aws.sqs.Queue;
  readonly results: aws.sns.Topic;
  readonly account: Account;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

export const createOrchestration = (
  name: string,
  args: SingleJobArgs,
  parts: OrchestrationParts,
  parent: pulumi.Resource,
): Orchestration => {
  const { calls, jobName } = parts.job;
  if (calls.completion === "direct") {
    const settings = { ...parts, ...settingsOf(args), jobName, calls };
    return new DirectDispatch(`${name}-direct`, settings, { parent });
  }
  const machine = createMachine(name, args, calls, parts, parent);
  return {
    stateMachine: machine.stateMachine,
    target: executionsOf(machine.stateMachine, jobName),
    observed: watchMachine(name, args, { ...parts, jobName, runStopper: parts.job.runStopper, machine }, parent),
  };
};

const createMachine = (
  name: string,
  args: SingleJobArgs,
  calls: JobCalls,
  parts: OrchestrationParts,
  parent: pulumi.Resource,
): PipelineMachine => {
  const { account, logRetentionDays, encryption } = parts;
  return new PipelineMachine(
    name,
    {
      comment: "Takes one landed file through its job",
      graph: createGraph(args, calls, parts),
      type: args.stateMachineType,
      timeoutSeconds: executionMinutes(args, watchedMinutes(args)) * 60,
      logLevel: args.logLevel ?? pipelineDefaults.logLevel,
      logRetentionDays,
      account,
      encryption,
    },
    { parent },
  );
};

interface WatchedMachine extends Omit<OrchestrationParts, "job" | "output"> {
  readonly machine: PipelineMachine;
  /** Of the one job, where there are no stages. */
  readonly jobName?: pulumi.Input<string>;
  readonly runStopper: RunStopper;
}

/** Takes care of a machine's interrupted executions, and says what of both is observed. */
export const watchMachine = (
  name: string,
  args: PipelineSettings,
  { machine: { stateMachine, log }, failures, results, ...parts }: WatchedMachine,
  parent: pulumi.Resource,
): ObservedParts => {
  // EventBridge hears nothing of express executions.
  const interruptions =
    args.stateMachineType === "EXPRESS"
      ? undefined
      : new Interruptions(
          `${name}-interruptions`,
          { ...parts, stateMachine, failureQueue: failures, resultsTopic: results },
          { parent },
        );
  return {
    stateMachine,
    ...(log && args.logLevel !== "ERROR" && { executionLog: log }),
    functions: { ...(interruptions && { interruptions: interruptions.function }) },
    rules: { ...(interruptions && { interruptions: interruptions.rule }) },
  };
};

const settingsOf = (args: SingleJobArgs) => ({
  validation: { ...validationDefaults, ...args.validation },
  retry: { ...jobRetryDefaults, ...args.retry },
  polling: { ...pollingDefaults, ...args.polling },
  giveUpAfterMinutes: watchedMinutes(args),
});

const createGraph = (
  args: SingleJobArgs,
  calls: JobCalls,
  { output, failures, results, encryption }: OrchestrationParts,
): StateGraph =>
  pipelineDefinition({
    job: calls,
    ...settingsOf(args),
    patienceSeconds: patienceSeconds(args, watchedMinutes(args)),
    outputBucket: output.id,
    overrides: overridePlan(args.job),
    notify: notifyOf(results, encryption),
    keepFailure: keepFailureIn(failures, encryption),
  });

/** How a machine tells of a file that has come to its end. */
export const notifyOf = (results: aws.sns.Topic, encryption: Encryption | undefined): Reports["notify"] => ({
  call: withPermissions(publish("Notify", results), publishUnderKey(encryption, "EncryptNotice", results)),
  topicArn: results.arn,
});

/** Where a machine keeps what has failed. */
export const keepFailureIn = (failures: aws.sqs.Queue, encryption: Encryption | undefined): Reports["keepFailure"] => ({
  call: withPermissions(sendMessage("KeepFailure", failures), sendUnderKey(encryption, "EncryptFailure", failures)),
  queueUrl: failures.url,
});
