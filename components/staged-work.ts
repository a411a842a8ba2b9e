import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { validationDefaults } from "./file-validation.ts";
import { flowMinutes } from "./flow-time.ts";
import type { RunStopper } from "./glue-job.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { dispatchTo, hearEnds, keepFailureIn, notifyOf, watchMachine } from "./orchestration.ts";
import { pipelineDefaults, type StagedArgs } from "./pipeline-args.ts";
import { jobRetryDefaults } from "./pipeline-definition.ts";
import { PipelineMachine } from "./pipeline-machine.ts";
import type { PipelineParts, PipelineWork } from "./pipeline-work.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import { useKeyForObjects } from "./security/key-use.ts";
import { createStageJobs, type StageJobs } from "./stage-jobs.ts";
import { plannedPolling } from "./stage-plan.ts";
import type { StageJob } from "./stages/context.ts";
import { jobStagesOf } from "./stages/job-flow.ts";
import { replayPlan } from "./stages/replay-plan.ts";
import { distributedIn } from "./stages/results.ts";
import type { Stage } from "./stages/stage.ts";
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
  const machine = new PipelineMachine(
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
  const watched = watchMachine(name, args, { ...parts, runStopper: runStopperOf(args.stages, jobs), machine }, parent);
  const functions = { ...watched.functions, ...jobs.observed };
  const ofChildren = distributedIn(args.stages).some(({ each }) => jobStagesOf(each).length > 0);
  const heard = { ...parts, machine, jobs: jobs.events, ofChildren };
  const observed = hearEnds(name, heard, { ...watched, functions }, parent);
  return {
    ...dispatchTo(name, args, { ...parts, stateMachine: machine.stateMachine, observed }, parent),
    jobNames: jobs.jobNames,
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
    eventHeartbeatSeconds: args.eventHeartbeatSeconds ?? pipelineDefaults.eventHeartbeatSeconds,
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

/** Stops the runs of all jobs of an execution that was interrupted, and says how it can go on. */
const runStopperOf = (stages: Stage, { access: { statements, environment } }: StageJobs): RunStopper => ({
  entry: new URL("../functions/interrupted-stages.ts", import.meta.url),
  statements,
  environment: { ...environment, REPLAY: JSON.stringify(replayPlan(stages)) },
  timeoutSeconds: stopTimeoutSeconds,
});
