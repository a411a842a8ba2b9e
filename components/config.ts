import * as pulumi from "@pulumi/pulumi";
import { ConfigReader } from "./config/config-reader.ts";
import { readCost } from "./config/cost.ts";
import { readNetwork } from "./config/network.ts";
import { readObservability } from "./config/observability.ts";
import { readSecurity, readTags } from "./config/security.ts";
import { readDispatch } from "./config/dispatch.ts";
import { readJob } from "./config/job.ts";
import { readStages } from "./config/stages.ts";
import { readMachine } from "./config/machine.ts";
import { readPolling } from "./config/polling.ts";
import { readScenarios } from "./config/values.ts";
import type { JobConfig } from "./glue-job/kinds.ts";
import { landingDefaults } from "./dispatcher.ts";
import { validationDefaults } from "./file-validation.ts";
import { pipelineDefaults, type PipelineSettings, type StagedArgs } from "./pipeline-args.ts";
import { jobRetryDefaults } from "./pipeline-definition.ts";
import { pollingDefaults } from "./polling.ts";
import { pipelineProblems } from "./rules/pipeline-rules.ts";
import { settingsProblems } from "./rules/staged-rules.ts";
import { problemList } from "./rules/problem.ts";
import { simulationDefaults } from "./simulated-glue-job.ts";

/** What the stack config decides; the job's script is the program's. */
export type StackConfig = PipelineSettings & { readonly job: JobConfig };

/**
 * Reads and checks the stack's config, `glue-pipeline:*`. All its problems are reported in one error, each with the key,
 * the value and what is allowed.
 */
export const loadConfig = (): StackConfig => {
  const read = new ConfigReader("glue-pipeline");
  const { polling, ...others } = readAll(read);
  const config = { ...others, polling: { ...pollingDefaults, ...polling } };
  for (const problem of pipelineProblems(config)) read.combination(problem);
  refuse(read.problems());
  return config;
};

const readAll = (read: ConfigReader) =>
  ({ ...readMode(read), job: readJob(read), ...readSettings(read) }) satisfies StackConfig;

/** What the stack config decides of a pipeline with stages, which are the program's. */
export type StagedStackConfig = PipelineSettings & Pick<StagedArgs, "stageConfig">;

/**
 * Reads and checks the stack's config, `glue-pipeline:*`, for a program with stages: all that there is to say of a
 * pipeline, and in `glue-pipeline:stages` what the stack says of stages' jobs, by the stages' names.
 */
export const loadPipelineConfig = (): StagedStackConfig => {
  const read = new ConfigReader("glue-pipeline");
  const config = {
    ...readMode(read),
    stageConfig: readStages(read, "stages"),
    ...readSettings(read),
  } satisfies StagedStackConfig;
  for (const problem of settingsProblems(config)) read.combination(problem);
  // What a program of one job knows is asked of a stage here.
  const ofOneJob = new ConfigReader("glue-pipeline");
  readJob(ofOneJob);
  refuse(read.problems({ keys: ofOneJob.keys(), instead: byStage }));
  return config;
};

const byStage =
  'jobs have stages here: say it by stage, for example glue-pipeline:stages: {"Clean": {"numberOfWorkers": 4}}';

const refuse = (problems: readonly string[]): void => {
  if (problems.length > 0) throw new pulumi.RunError(problemList(`The config of stack ${pulumi.getStack()}`, problems));
};

const readMode = (read: ConfigReader): Pick<PipelineSettings, "mode" | "allowSimulatedOnAws"> => ({
  mode: read.oneOf("mode", ["simulated", "real"], "simulated"),
  allowSimulatedOnAws: read.boolean("allowSimulatedOnAws", false),
});

const readSettings = (read: ConfigReader) =>
  ({
    cost: readCost(read),
    dispatch: readDispatch(read),
    simulation: {
      startUpSeconds: read.number("simulatedStartUpSeconds", simulationDefaults.startUpSeconds, { min: 0, max: 3600 }),
      durationSeconds: read.number("simulatedDurationSeconds", simulationDefaults.durationSeconds, {
        min: 0,
        max: 604_800,
      }),
      secondsPerMiB: read.number("simulatedSecondsPerMiB", simulationDefaults.secondsPerMiB, { min: 0, max: 3600 }),
      failureRate: read.number("simulatedFailureRate", simulationDefaults.failureRate, { min: 0, max: 1 }),
      seed: read.integer("simulatedSeed", simulationDefaults.seed, { min: 0, max: Number.MAX_SAFE_INTEGER }),
      scenarios: readScenarios(read, "simulatedScenarios"),
    },
    landing: {
      prefix: read.text("landingPrefix", landingDefaults.prefix, { maxBytes: 1024 }),
      suffix: read.text("landingSuffix", landingDefaults.suffix, { maxBytes: 1024 }),
    },
    validation: {
      extensions: read.texts("extensions", validationDefaults.extensions, {
        pattern: /^[^.\s/]+(\.[^.\s/]+)*$/,
        says: "an extension without its dot",
      }),
      minFileBytes: read.integer("minFileBytes", validationDefaults.minFileBytes, { min: 0, max: maxObjectBytes }),
      maxFileBytes: read.integer("maxFileBytes", validationDefaults.maxFileBytes, { min: 1, max: maxObjectBytes }),
    },
    retry: {
      maxAttempts: read.integer("maxAttempts", jobRetryDefaults.maxAttempts, { min: 1, max: 20 }),
      intervalSeconds: read.integer("retryIntervalSeconds", jobRetryDefaults.intervalSeconds, { min: 0, max: 86_400 }),
      backoffRate: read.number("retryBackoffRate", jobRetryDefaults.backoffRate, { min: 1, max: 10 }),
    },
    polling: readPolling(read),
    ...readMachine(read),
    giveUpAfterMinutes: read.integer("giveUpAfterMinutes", pipelineDefaults.giveUpAfterMinutes, {
      min: 0,
      max: 525_600,
    }),
    logLevel: read.oneOf("logLevel", ["ALL", "ERROR", "OFF"], pipelineDefaults.logLevel),
    logRetentionDays: read.integerOf("logRetentionDays", retentionDays, pipelineDefaults.logRetentionDays),
    oldVersionDays: read.integer("oldVersionDays", pipelineDefaults.oldVersionDays, { min: 1, max: 36_500 }),
    forceDestroy: read.boolean("forceDestroy", pipelineDefaults.forceDestroy),
    ...readSecurity(read),
    ...readNetwork(read),
    ...readObservability(read),
    ...readTags(read),
  }) satisfies Omit<PipelineSettings, "mode">;

const maxObjectBytes = 5 * 1024 ** 4;

/** The spans that CloudWatch Logs takes. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
