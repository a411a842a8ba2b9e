import type * as pulumi from "@pulumi/pulumi";
import type { KnownWorkerType } from "../../functions/lib/workers.ts";
import type { Workload } from "./workloads.ts";

/** A known worker type, or one that AWS has added since: that gives a warning. */
export type WorkerTypeName = KnownWorkerType | (string & Record<never, never>);

/** A local file or folder as a URL, or an `s3://` URI. A folder is zipped. */
export type JobFile = URL | string;

/** What an execution's input may change for its own runs, and how far. What is left out cannot be changed. */
export interface RunOverrides {
  /** `WorkerType` may be one of these. */
  readonly workerTypes?: readonly WorkerTypeName[];
  /** `NumberOfWorkers` may be up to this. */
  readonly maxNumberOfWorkers?: number;
  /** `Timeout`, in minutes, may be up to this. */
  readonly maxTimeoutMinutes?: number;
  /** `ExecutionClass` may be one of these. */
  readonly executionClasses?: readonly ("STANDARD" | "FLEX")[];
}

/** Logs in real time, in log groups of the job's own. */
export interface ContinuousLogging {
  /** @default the pipeline's */
  readonly retentionDays?: number;
  /** What names of log streams start with. @default the run's id */
  readonly logStreamPrefix?: string;
  /** Leaves out what Spark says of itself; up to Glue 4.0, later versions have no filter. @default true */
  readonly filter?: boolean;
  /** Log4j's pattern of a line. */
  readonly conversionPattern?: string;
}

/** All that can be said of a job of any kind; `takenFields` says which kind takes what. */
export interface JobFields {
  /** The Python script that Glue runs. */
  readonly script: URL;
  /** A handler module that does the same work for simulated runs; without one they take time and write nothing. */
  readonly standIn?: URL;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;

  /** @default "5.1"; of Ray jobs "4.0" */
  readonly glueVersion?: string;
  /** A worker type and a number of workers that suit a kind of work; instead of naming both. */
  readonly workload?: Workload;
  /** Given together with `numberOfWorkers`. @default "G.1X"; of streaming jobs "G.025X", of Ray jobs "Z.2X" */
  readonly workerType?: WorkerTypeName;
  /** With `autoScaling`, the most there may be. @default 2 */
  readonly numberOfWorkers?: number;
  /** Lets Glue take and give back workers while a run goes on. @default false */
  readonly autoScaling?: boolean;
  /** DPUs of a Python shell job, which has no workers. @default 0.0625 */
  readonly maxCapacity?: 0.0625 | 1;
  /** FLEX is cheaper, starts when there is room and may be interrupted. @default "STANDARD" */
  readonly executionClass?: "STANDARD" | "FLEX";
  /** Runs that take longer end as TIMEOUT. @default 60; of the workload "cost" 30 */
  readonly timeoutMinutes?: number;
  /** Runs at once; a further one is refused with ConcurrentRunsExceededException. @default 3 */
  readonly maxConcurrentRuns?: number;
  /** Makes a further run wait instead. @default false */
  readonly jobRunQueuing?: boolean;
  /** A run that takes longer sends a delay notification to EventBridge. */
  readonly notifyDelayAfterMinutes?: number;
  /** When Glue may restart a streaming job, in UTC. @example "Sun:3" */
  readonly maintenanceWindow?: string;
  /** What an execution's input may change. @default nothing */
  readonly overrides?: RunOverrides;

  /** Names of Glue connections. */
  readonly connections?: readonly pulumi.Input<string>[];
  /** Name of a Glue security configuration. */
  readonly securityConfiguration?: pulumi.Input<string>;
  /** What Glue remembers of the data that earlier runs have read. @default "disable" */
  readonly bookmarks?: "enable" | "disable" | "pause";
  /** An `s3://` URI. @default the artifacts bucket's temp/, where something needs it */
  readonly tempDir?: string;
  /** Keeps Spark's event logs: in the artifacts bucket under spark-logs/, or at an `s3://` URI. @default false */
  readonly sparkUi?: boolean | string;
  /** @default false */
  readonly continuousLogging?: boolean | ContinuousLogging;
  /** Metrics of Spark in CloudWatch. @default false */
  readonly enableMetrics?: boolean;
  /** What a run's workers are busy with, where its data is skewed. @default false */
  readonly enableObservabilityMetrics?: boolean;
  /** What made a run fail, told in logs of its own. @default false */
  readonly jobInsights?: boolean;

  readonly datalakeFormats?: readonly ("hudi" | "delta" | "iceberg")[];
  /** Spark's settings. @example { "spark.sql.shuffle.partitions": "200" } */
  readonly sparkConf?: Readonly<Record<string, string>>;
  /** On the Python path: modules, zips, wheels, eggs, or folders. */
  readonly extraPythonFiles?: readonly JobFile[];
  /** On Java's class path. */
  readonly extraJars?: readonly JobFile[];
  /** Copied to where the script runs. */
  readonly extraFiles?: readonly JobFile[];
  /** `extraJars` come before Glue's own. @default false */
  readonly userJarsFirst?: boolean;
  /** What pip installs before the script runs. @example ["pyarrow==21.0.0", "s3://bucket/own.whl"] */
  readonly pythonModules?: readonly string[];
  /** An option for pip. @example "--no-deps" */
  readonly pythonModulesInstallerOption?: string;
  /** Libraries that a Python shell job finds installed. @default Glue's choice, "analytics" */
  readonly librarySet?: "analytics" | "none";
  /** Databases of Glue's Data Catalog that Spark sees as Hive's and may read and write; `["*"]`: all. */
  readonly glueDataCatalog?: readonly string[];
  /** Version of a Ray job's environment. @default "Ray2.4" */
  readonly runtime?: string;

  /** Glue's job arguments that all runs share, for example `--column_types`. */
  readonly defaultArguments?: Readonly<Record<string, string>>;
  /** Arguments that no run can override. */
  readonly nonOverridableArguments?: Readonly<Record<string, string>>;
}
