import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { executionsOf } from "./dispatcher.ts";
import { validationDefaults } from "./file-validation.ts";
import { flowMinutes } from "./flow-time.ts";
import { Interruptions } from "./interruptions.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { keepFailureIn, notifyOf } from "./orchestration.ts";
import { pipelineDefaults, type StagedArgs } from "./pipeline-args.ts";
import { jobRetryDefaults } from "./pipeline-definition.ts";
import { PipelineMachine } from "./pipeline-machine.ts";
import type { PipelineParts, PipelineWork } from "./pipeline-work.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import { useKeyForObjects } from "./security/key-use.ts";
import { createStageJobs, type StageJobs } from "./stage-jobs.ts";
import { plannedPolling } from "./stage-plan.ts";
import type { StageJob } from "./stages/context.ts";
import { replayPlan } from "./stages/replay-plan.ts";
import { stagesDefinition } from "./stages/stages-definition.ts";
import { invokeFunction } from "./state-machine/integrations.ts";
import type { StateGraph } from "./state-machine/states.ts";

/** The work of a pipeline with stages. */
export const createStagedWork = (
  name: string,
  args: StagedArgs,
  parts: PipelineParts,
  parent: pulumi.Resource,
): PipelineWork => {
  const { account, logRetentionDays, encryption } = parts;
  const jobs = createStageJobs(name, args, { ...parts, buckets: parts }, parent);
  const stopRuns = createStopRuns(name, jobs, parts, parent);
  const { stateMachine, log } = new PipelineMachine(
    name,
    {
      comment: "Takes one landed file through its stages",
      graph: createGraph(args, jobs, stopRuns, parts),
      type: args.stateMachineType,
      timeoutSeconds: flowMinutes(args) * 60,
      logLevel: args.logLevel ?? pipelineDefaults.logLevel,
      logRetentionDays,
      account,
      encryption,
    },
    { parent },
  );
  const interruptions = createInterruptions(name, args, { ...parts, jobs, stateMachine }, parent);
  return {
    stateMachine,
    target: executionsOf(stateMachine),
    jobNames: jobs.jobNames,
    observed: {
      stateMachine,
      ...(log && args.logLevel !== "ERROR" && { executionLog: log }),
      functions: { ...(interruptions && { interruptions: interruptions.function }) },
      rules: { ...(interruptions && { interruptions: interruptions.rule }) },
    },
  };
};

/** As long as a simulated run's work may take that is done when its runs are listed. */
const stopTimeoutSeconds = 900;

const createStopRuns = (
  name: string,
  { access }: StageJobs,
  { logRetentionDays, encryption }: PipelineParts,
  parent: pulumi.Resource,
): aws.lambda.Function =>
  new LambdaFunction(
    `${name}-stop-job-runs`,
    {
      entry: new URL("../functions/stop-job-runs.ts", import.meta.url),
      description: "Stops what job runs of an execution still go on when one of its parts has failed",
      ...access,
      timeoutSeconds: stopTimeoutSeconds,
      logRetentionDays,
      encryption,
    },
    { parent },
  ).function;

const createGraph = (
  args: StagedArgs,
  { planned, jobNames, calls }: StageJobs,
  stopRuns: aws.lambda.Function,
  { output, failures, results, encryption }: PipelineParts,
): StateGraph => {
  const jobs = new Map(planned.map((plan) => [plan.stage.name, plan]));
  return stagesDefinition({
    stage: args.stages,
    jobOf: ({ name }): StageJob => {
      const [plan, jobName, jobCalls] = [jobs.get(name), jobNames[name], calls[name]];
      if (plan === undefined || jobName === undefined || jobCalls === undefined) {
        throw new Error(`The stage ${name} has no job`);
      }
      return { jobName, calls: jobCalls, giveUpAfterMinutes: watchedMinutes({ ...args, job: plan.job }) };
    },
    validation: { ...validationDefaults, ...args.validation },
    retry: { ...jobRetryDefaults, ...args.retry },
    polling: plannedPolling(args),
    patienceSeconds: Infinity,
    outputBucket: output,
    outputPermissions: useKeyForObjects(encryption, {
      sid: "EncryptResults",
      actions: ["kms:GenerateDataKey", "kms:Decrypt"],
      bucketArns: [output.arn],
    }),
    stopRuns: invokeFunction("StopRuns", stopRuns),
    notify: notifyOf(results, encryption),
    keepFailure: keepFailureIn(failures, encryption),
  });
};

/** EventBridge hears nothing of express executions. */
const createInterruptions = (
  name: string,
  args: StagedArgs,
  {
    jobs,
    stateMachine,
    failures,
    results,
    ...parts
  }: PipelineParts & { readonly jobs: StageJobs; readonly stateMachine: aws.sfn.StateMachine },
  parent: pulumi.Resource,
): Interruptions | undefined => {
  if (args.stateMachineType === "EXPRESS") return undefined;
  return new Interruptions(
    `${name}-interruptions`,
    {
      ...parts,
      runStopper: {
        entry: new URL("../functions/interrupted-stages.ts", import.meta.url),
        statements: jobs.access.statements,
        environment: { ...jobs.access.environment, REPLAY: JSON.stringify(replayPlan(args.stages)) },
        timeoutSeconds: stopTimeoutSeconds,
      },
      stateMachine,
      failureQueue: failures,
      resultsTopic: results,
    },
    { parent },
  );
};
