import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { isBatched, isQueued } from "./dispatch-args.ts";
import { CompletionEvents } from "./completion-events.ts";
import { DirectDispatch } from "./direct-dispatch.ts";
import { executionsOf, type DispatchTarget } from "./dispatcher.ts";
import { executionMinutes, patienceSeconds } from "./execution-time.ts";
import { validationDefaults } from "./file-validation.ts";
import { eventJobsIn, type NamedEventJob } from "./event-jobs.ts";
import type { DirectCalls, GlueJob, JobCalls, RunStopper } from "./glue-job.ts";
import { Interruptions } from "./interruptions.ts";
import { pipelineDefaults, type PipelineSettings, type SingleJobArgs } from "./pipeline-args.ts";
import type { ObservedParts } from "./observability/observed.ts";
import { jobRetryDefaults, pipelineDefinition } from "./pipeline-definition.ts";
import type { Reports } from "./pipeline-definition/reports.ts";
import { PipelineMachine } from "./pipeline-machine.ts";
import type { PipelineParts } from "./pipeline-work.ts";
import { pollingDefaults } from "./polling.ts";
import { QueuedDispatch } from "./queued-dispatch.ts";
import { overridePlan } from "./run-overrides.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import type { Encryption } from "./security/encryption.ts";
import { publishUnderKey, sendUnderKey, withPermissions } from "./security/messages.ts";
import { publish, sendMessage } from "./state-machine/integrations.ts";
import type { StateGraph } from "./state-machine/states.ts";
import { TokenFunctions } from "./token-functions.ts";

/** What takes files through their job. */
export interface Orchestration {
  /** What the dispatcher does with a file. */
  readonly target: DispatchTarget;
  readonly stateMachine?: aws.sfn.StateMachine;
  /** All files with what came of them, where they are dispatched directly or wait in a queue. */
  readonly ledger?: aws.dynamodb.Table;
  /** Where files wait until they are taken on. */
  readonly arrivals?: aws.sqs.Queue;
  /** Where their executions say how they ended. */
  readonly outcomes?: aws.sqs.Queue;
  readonly observed: ObservedParts;
}

export interface OrchestrationParts extends PipelineParts {
  readonly job: GlueJob & pulumi.Resource;
}

export const createOrchestration = (
  name: string,
  args: SingleJobArgs,
  parts: OrchestrationParts,
  parent: pulumi.Resource,
): Orchestration => {
  const { calls, jobName, runStopper } = parts.job;
  if (calls.completion === "direct") {
    const settings = { ...parts, ...settingsOf(args), validation: validationOf(args), jobName, calls };
    return new DirectDispatch(`${name}-direct`, settings, { parent });
  }
  const jobs = eventJobsIn([parts.job]);
  const machine = createMachine(name, args, callsOf(name, calls, { ...parts, jobs }), parts, parent);
  const watched = watchMachine(name, args, { ...parts, jobName, runStopper, machine }, parent);
  const ends = calls.completion === "event" ? calls.observed : {};
  const observed = hearEnds(
    name,
    { ...parts, machine, jobs },
    { ...watched, functions: { ...watched.functions, ...ends } },
    parent,
  );
  return dispatchTo(name, args, { ...parts, stateMachine: machine.stateMachine, jobName, observed }, parent);
};

interface ObservedMachine extends PipelineParts {
  readonly stateMachine: aws.sfn.StateMachine;
  /** Of the one job, where there are no stages. */
  readonly jobName?: pulumi.Input<string>;
  readonly observed: ObservedParts;
}

/** Has a machine's executions started: for each file as it comes, or as its turn in a queue comes. */
export const dispatchTo = (
  name: string,
  args: PipelineSettings,
  { stateMachine, jobName, observed, ...parts }: ObservedMachine,
  parent: pulumi.Resource,
): Orchestration => {
  if (!isQueued(args)) return { stateMachine, target: executionsOf(stateMachine, jobName), observed };
  const {
    ledger,
    arrivals,
    outcomes,
    target,
    observed: queued,
  } = new QueuedDispatch(
    `${name}-queued`,
    {
      ...parts,
      dispatch: { ...args.dispatch },
      forceDestroy: args.forceDestroy ?? pipelineDefaults.forceDestroy,
      validation: validationOf(args),
      stateMachine,
      ...(jobName !== undefined && { jobName }),
    },
    { parent },
  );
  const functions = { ...observed.functions, ...queued.functions };
  return {
    stateMachine,
    ledger,
    arrivals,
    outcomes,
    target,
    observed: { ...observed, ...queued, functions, rules: observed.rules },
  };
};

/** The calls of a job as its machine makes them. */
const callsOf = (
  name: string,
  calls: Exclude<GlueJob["calls"], DirectCalls>,
  { job, jobs, logRetentionDays, encryption }: OrchestrationParts & { readonly jobs: readonly NamedEventJob[] },
): JobCalls =>
  calls.completion === "event"
    ? new TokenFunctions(`${name}-job`, { jobs, logRetentionDays, encryption }, { parent: job }).callsOf(calls)
    : calls;

interface HeardParts extends Pick<PipelineParts, "failures" | "logRetentionDays" | "encryption"> {
  readonly machine: PipelineMachine;
  /** Jobs of whose runs' ends events tell. */
  readonly jobs: readonly NamedEventJob[];
  /** Whether executions of distributed maps run jobs, too. @default false */
  readonly ofChildren?: boolean;
}

/** Has runs' ends heard of where events tell of them, and adds to what is observed. */
export const hearEnds = (
  name: string,
  { machine: { stateMachine }, jobs, ofChildren = false, failures, logRetentionDays, encryption }: HeardParts,
  watched: ObservedParts,
  parent: pulumi.Resource,
): ObservedParts => {
  if (jobs.length === 0) return watched;
  const completion = new CompletionEvents(
    `${name}-completion`,
    { stateMachine, jobs, ofChildren, failures, logRetentionDays, encryption },
    { parent },
  );
  return {
    ...watched,
    functions: { ...watched.functions, completion: completion.function },
    rules: { ...watched.rules, completion: completion.rule },
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

interface WatchedMachine extends Pick<
  PipelineParts,
  "failures" | "results" | "account" | "logRetentionDays" | "encryption"
> {
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

const validationOf = ({ validation }: PipelineSettings) => ({ ...validationDefaults, ...validation });

const settingsOf = (args: SingleJobArgs) => ({
  retry: { ...jobRetryDefaults, ...args.retry },
  polling: { ...pollingDefaults, ...args.polling },
  giveUpAfterMinutes: watchedMinutes(args),
  eventHeartbeatSeconds: args.eventHeartbeatSeconds ?? pipelineDefaults.eventHeartbeatSeconds,
});

const createGraph = (
  args: SingleJobArgs,
  calls: JobCalls,
  { output, failures, results, encryption }: OrchestrationParts,
): StateGraph =>
  pipelineDefinition({
    job: calls,
    ...(isBatched(args) ? { takesManifests: true } : { validation: validationOf(args) }),
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
