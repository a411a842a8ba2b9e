import type { JobFields } from "./fields.ts";

export type JobKind = "spark" | "streaming" | "pythonshell" | "ray";

/** What a kind of job is for Glue. */
export interface KindOfJob {
  /** In sentences: "a Python shell job". */
  readonly says: string;
  readonly command: "glueetl" | "gluestreaming" | "pythonshell" | "glueray";
  readonly pythonVersion: string;
  /** Where the job says none. */
  readonly glueVersion: string;
  readonly workerType?: string;
}

export const kindsOfJob = {
  spark: { says: "a Spark job", command: "glueetl", pythonVersion: "3", glueVersion: "5.1", workerType: "G.1X" },
  streaming: {
    says: "a streaming job",
    command: "gluestreaming",
    pythonVersion: "3",
    glueVersion: "5.1",
    workerType: "G.025X",
  },
  // The only version of Glue with Python 3.9 for shells.
  pythonshell: { says: "a Python shell job", command: "pythonshell", pythonVersion: "3.9", glueVersion: "3.0" },
  ray: { says: "a Ray job", command: "glueray", pythonVersion: "3.9", glueVersion: "4.0", workerType: "Z.2X" },
} as const satisfies Readonly<Record<JobKind, KindOfJob>>;

const ofEveryKind = [
  "script",
  "standIn",
  "description",
  "tags",
  "timeoutMinutes",
  "maxConcurrentRuns",
  "jobRunQueuing",
  "notifyDelayAfterMinutes",
  "overrides",
  "connections",
  "securityConfiguration",
  "tempDir",
  "extraPythonFiles",
  "pythonModules",
  "defaultArguments",
  "nonOverridableArguments",
] as const satisfies readonly (keyof JobFields)[];

const ofWorkers = ["glueVersion", "workerType", "numberOfWorkers"] as const satisfies readonly (keyof JobFields)[];

const ofSparkAndStreaming = [
  ...ofEveryKind,
  ...ofWorkers,
  "autoScaling",
  "sparkUi",
  "continuousLogging",
  "enableMetrics",
  "enableObservabilityMetrics",
  "jobInsights",
  "datalakeFormats",
  "sparkConf",
  "extraJars",
  "extraFiles",
  "userJarsFirst",
  "pythonModulesInstallerOption",
  "glueDataCatalog",
] as const satisfies readonly (keyof JobFields)[];

/** What each kind of job takes. The types of their arguments come from here, and so does the rule. */
export const takenFields = {
  spark: [...ofSparkAndStreaming, "workload", "executionClass", "bookmarks"],
  streaming: [...ofSparkAndStreaming, "maintenanceWindow"],
  pythonshell: [...ofEveryKind, "maxCapacity", "extraFiles", "librarySet"],
  ray: [...ofEveryKind, ...ofWorkers, "runtime"],
} as const satisfies Readonly<Record<JobKind, readonly (keyof JobFields)[]>>;

type Taken<Kind extends JobKind> = (typeof takenFields)[Kind][number];

type Of<Kind extends JobKind> = Pick<JobFields, Taken<Kind>> &
  Readonly<Partial<Record<Exclude<keyof JobFields, Taken<Kind>>, never>>>;

/** Either a workload, or both the type and the number of workers, or neither. */
type Sized =
  | { readonly workload?: never; readonly workerType?: never; readonly numberOfWorkers?: never }
  | (Required<Pick<JobFields, "workload">> & { readonly workerType?: never; readonly numberOfWorkers?: never })
  | (Required<Pick<JobFields, "workerType" | "numberOfWorkers">> & { readonly workload?: never });

/** Batch work in Spark. */
export type SparkJobArgs = { readonly kind?: "spark" } & Of<"spark"> & Sized;
/** Spark that reads a stream. */
export type StreamingJobArgs = { readonly kind: "streaming" } & Of<"streaming"> & Sized;
/** Python alone, on a sixteenth of a DPU or on a whole one. */
export type PythonShellJobArgs = { readonly kind: "pythonshell" } & Of<"pythonshell">;
/** Ray, which AWS has closed to new customers. */
export type RayJobArgs = { readonly kind: "ray" } & Of<"ray"> & Sized;

/** A job, as it is described to real and simulated ones alike. */
export type GlueJobArgs = SparkJobArgs | StreamingJobArgs | PythonShellJobArgs | RayJobArgs;

type WithoutScript<Args> = Args extends unknown ? Omit<Args, "script"> : never;

/** The stack's config knows all of a job but its script. */
export type JobConfig = WithoutScript<GlueJobArgs>;

/** Any job, with nothing but absence to tell what does not belong to its kind. */
export type AnyJob = { readonly kind?: JobKind } & Omit<JobFields, "script"> & Partial<Pick<JobFields, "script">>;

export const kindOf = ({ kind = "spark" }: Pick<AnyJob, "kind">): JobKind => kind;
