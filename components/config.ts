import * as pulumi from "@pulumi/pulumi";
import { ConfigReader } from "./config-reader.ts";
import { landingDefaults } from "./dispatcher.ts";
import { validationDefaults } from "./file-validation.ts";
import { glueJobDefaults } from "./glue-job.ts";
import { pipelineDefaults, type GluePipelineArgs } from "./glue-pipeline.ts";
import { jobRetryDefaults } from "./pipeline-definition.ts";
import { pollingDefaults } from "./polling.ts";
import { readColumnTypes, readScenarios } from "./config-values.ts";
import { simulationDefaults } from "./simulated-glue-job.ts";

/** What the stack config decides; the job's script is the program's. */
export type StackConfig = Omit<GluePipelineArgs, "job"> & { readonly job: Omit<GluePipelineArgs["job"], "script"> };

/**
 * Reads and checks the stack's config, `glue-pipeline:*`. All its problems are reported in one error, each with the key,
 * the value and what is allowed.
 */
export const loadConfig = (): StackConfig => {
  const read = new ConfigReader("glue-pipeline");
  const config = readAll(read);
  checkTogether(config, read);
  const problems = read.problems();
  if (problems.length > 0) {
    throw new pulumi.RunError(
      `The config of stack ${pulumi.getStack()} has ${count(problems)}:\n  ${problems.join("\n  ")}`,
    );
  }
  return config;
};

const readAll = (read: ConfigReader) =>
  ({
    mode: read.oneOf("mode", ["simulated", "real"], "simulated"),
    allowSimulatedOnAws: read.boolean("allowSimulatedOnAws", false),
    job: readJob(read),
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
    polling: {
      floorSeconds: read.integer("pollFloorSeconds", pollingDefaults.floorSeconds, { min: 0, max: 3600 }),
      ceilingSeconds: read.integer("pollCeilingSeconds", pollingDefaults.ceilingSeconds, { min: 1, max: 3600 }),
      share: read.number("pollShare", pollingDefaults.share, { min: 0, max: 1 }),
    },
    giveUpAfterMinutes: read.integer("giveUpAfterMinutes", pipelineDefaults.giveUpAfterMinutes, {
      min: 0,
      max: 525_600,
    }),
    logLevel: read.oneOf("logLevel", ["ALL", "ERROR", "OFF"], pipelineDefaults.logLevel),
    logRetentionDays: read.integerOf("logRetentionDays", retentionDays, pipelineDefaults.logRetentionDays),
    oldVersionDays: read.integer("oldVersionDays", pipelineDefaults.oldVersionDays, { min: 1, max: 36_500 }),
    forceDestroy: read.boolean("forceDestroy", pipelineDefaults.forceDestroy),
  }) satisfies StackConfig;

const readJob = (read: ConfigReader): StackConfig["job"] => {
  const columnTypes = readColumnTypes(read, "columnTypes");
  return {
    ...(read.boolean("standIn", true) && {
      standIn: new URL("../functions/stand-ins/process-csv.ts", import.meta.url),
    }),
    glueVersion: read.oneOf("glueVersion", ["4.0", "5.0", "5.1", "6.0"], glueJobDefaults.glueVersion),
    workerType: read.oneOf("workerType", workerTypes, glueJobDefaults.workerType),
    numberOfWorkers: read.integer("numberOfWorkers", glueJobDefaults.numberOfWorkers, { min: 2, max: 1000 }),
    timeoutMinutes: read.integer("jobTimeoutMinutes", glueJobDefaults.timeoutMinutes, { min: 1, max: 10_080 }),
    maxConcurrentRuns: read.integer("maxConcurrentRuns", glueJobDefaults.maxConcurrentRuns, { min: 1, max: 4000 }),
    jobRunQueuing: read.boolean("jobRunQueuing", glueJobDefaults.jobRunQueuing),
    ...(columnTypes && { defaultArguments: { "--column_types": JSON.stringify(columnTypes) } }),
  };
};

/** What no value shows alone. */
const checkTogether = ({ validation, polling }: ReturnType<typeof readAll>, read: ConfigReader): void => {
  if (validation.minFileBytes > validation.maxFileBytes) {
    read.problem("minFileBytes", `at most maxFileBytes (${validation.maxFileBytes})`, validation.minFileBytes);
  }
  if (polling.floorSeconds > polling.ceilingSeconds) {
    read.problem("pollFloorSeconds", `at most pollCeilingSeconds (${polling.ceilingSeconds})`, polling.floorSeconds);
  }
};

const count = (problems: readonly string[]): string =>
  problems.length === 1 ? "a problem" : `${problems.length} problems`;

const maxObjectBytes = 5 * 1024 ** 4;

/** What Spark jobs run on in the versions of Glue that can be chosen; G.025X is for streams, Z.2X for Ray. */
const workerTypes = ["G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"] as const;

/** The spans that CloudWatch Logs takes. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
