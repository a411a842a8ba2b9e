import type { JobFields } from "./glue-job/fields.ts";
import type { AnyJob, GlueJobArgs } from "./glue-job/kinds.ts";

/** What a stack may say of a stage's job: who runs it, and how large it is. The program says what it does. */
export type StageConfig = { readonly mode?: "simulated" | "real" } & Partial<Pick<JobFields, StageConfigField>>;

/** By the stage's name. */
export type StageConfigs = Readonly<Record<string, StageConfig>>;

/** Fields of a job that a stack may set. */
export const stageConfigFields = [
  "glueVersion",
  "workload",
  "workerType",
  "numberOfWorkers",
  "autoScaling",
  "maxCapacity",
  "executionClass",
  "timeoutMinutes",
  "maxConcurrentRuns",
  "jobRunQueuing",
  "notifyDelayAfterMinutes",
  "bookmarks",
  "tempDir",
  "sparkUi",
  "continuousLogging",
  "enableMetrics",
  "enableObservabilityMetrics",
  "jobInsights",
  "sparkConf",
  "connections",
] as const satisfies readonly (keyof JobFields)[];

type StageConfigField = (typeof stageConfigFields)[number];

/** The program's job with what the stack says of it. A workload and a worker type are two ways to say one thing. */
export const configuredJob = (job: GlueJobArgs, given: StageConfig = {}): GlueJobArgs => {
  const config: AnyJob = Object.fromEntries(Object.entries(given).filter(([field]) => field !== "mode"));
  const { workload, workerType, numberOfWorkers, ...others }: AnyJob = job;
  const isSized = config.workerType !== undefined || config.numberOfWorkers !== undefined;
  const size = {
    ...(workload !== undefined && !isSized && { workload }),
    ...(config.workload === undefined && workerType !== undefined && { workerType }),
    ...(config.workload === undefined && numberOfWorkers !== undefined && { numberOfWorkers }),
  };
  // What does not fit together is for the rules to refuse.
  return { ...others, ...size, ...config } as GlueJobArgs;
};
