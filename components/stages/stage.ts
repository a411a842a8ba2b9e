import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { GlueJobArgs } from "../glue-job/kinds.ts";
import type { JobRetry } from "../pipeline-definition.ts";
import type { Integration, Retrier, Value } from "../state-machine/states.ts";

/** A part of a pipeline: one piece of work, or several put together. */
export type Stage = JobStage | TaskStage | WaitStage | SequenceStage | ParallelStage | ChoiceStage | MapStage;

/** A run of a Glue job, real or simulated as the stack says. */
export interface JobStage extends Named, JobStageArgs {
  readonly kind: "job";
}

/** A call of a function or of another AWS service. */
export interface TaskStage extends Named, TaskStageArgs {
  readonly kind: "task";
}

export interface WaitStage {
  readonly kind: "wait";
  readonly name: string;
  /** Seconds, or JSONata that gives them. */
  readonly seconds: number | string;
}

/** One stage after the other. */
export interface SequenceStage {
  readonly kind: "sequence";
  readonly stages: readonly Stage[];
}

/** Stages at the same time. When one fails, the job runs of the others are stopped. */
export interface ParallelStage {
  readonly kind: "parallel";
  readonly name: string;
  readonly branches: readonly Stage[];
}

/** The first branch whose condition holds. */
export interface ChoiceStage {
  readonly kind: "choice";
  readonly name: string;
  readonly when: readonly Branch[];
  /** @default the pipeline goes on behind the choice */
  readonly otherwise?: Stage;
}

export interface Branch {
  /** JSONata that gives true or false, for example `$file.size > 1048576` in `jsonata(…)`. */
  readonly condition: string;
  readonly then: Stage;
}

/** A stage for each of many items. */
export interface MapStage extends Named, Omit<MapStageArgs, "each"> {
  readonly kind: "map";
  readonly each: Stage;
  /** The item's variable, with its dollar sign. */
  readonly item: string;
}

interface Named {
  /** Unique in the pipeline; what its states are called by. At most 40 characters: letters, digits, spaces and "-". */
  readonly name: string;
  /**
   * The variable that holds its result once it has succeeded, with its dollar sign, for `jsonata` in later stages: null
   * where it was passed over, `{stage, error, cause, …}` where it failed and `onFailure` has followed. Of a job `{stage,
   * jobName, attempts, jobRun: {Id, JobRunState, ExecutionTime, ErrorMessage}, output: {bucket, prefix}}`; of a task what
   * it keeps; of a map its items' results, or `{manifest: {bucket, key}}` of the files that list what came of them.
   */
  readonly result: string;
}

/** Files under a prefix of a bucket. */
export interface Place {
  readonly bucket: aws.s3.Bucket;
  /** Ends with a slash. */
  readonly prefix: string;
}

/** The file that landed and started the execution. */
export const landedFile = "landed file";

/** What a job reads: the landed file, what an earlier job has written, or any other place. */
export type Source = typeof landedFile | JobStage | Place;

export interface JobStageArgs {
  readonly job: GlueJobArgs;
  /**
   * Arguments of its runs, besides those that all runs get; values may be JSONata. A run's arguments are text.
   * @example { "--threshold": jsonata("$string($profile.rows * 0.1)") }
   */
  readonly arguments?: Readonly<Record<`--${string}`, Value>>;
  /**
   * Its role may read these and nothing else. The first is the argument `--input`, as an `s3://` URI.
   * @default what the job before it has written, or, after a choice, the one that has run; of the first job the landed file
   */
  readonly reads?: Source | readonly Source[];
  /**
   * Where in the output bucket it writes; its role may write nothing else. The argument `--output` is its URI.
   * @default its name in small letters and hyphens, and a slash
   */
  readonly writes?: Writes;
  /** What happens when a run does not succeed. @default the pipeline's */
  readonly retry?: JobRetry;
  /** Runs once it has failed for good; then the pipeline goes on behind both. @default the execution fails */
  readonly onFailure?: Stage;
}

export interface Writes {
  /** Ends with a slash. */
  readonly prefix: string;
  /**
   * Whether each execution has a folder of its own, `execution=NAME/`. A replay writes where the execution did that it
   * goes on from. @default true
   */
  readonly perExecution?: boolean;
}

export interface TaskStageArgs {
  readonly call: Integration;
  readonly arguments?: Value;
  /** What is kept of the call's answer, in JSONata over `$states.result`. @default nothing */
  readonly keep?: Value;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** @default passing troubles of the service, of Lambda and of the network, five times */
  readonly retry?: readonly Retrier[];
  /** Runs once it has failed for good; then the pipeline goes on behind both. @default the execution fails */
  readonly onFailure?: Stage;
}

export interface MapStageArgs {
  readonly over: Items;
  /**
   * What is done with each; its argument is the item's variable, with its dollar sign. An object's is `{Key, Size, Etag,
   * LastModified, StorageClass}`, a row's an object of texts by column. In an Output, expressions of items that are read
   * from S3 see no results of stages outside.
   */
  readonly each: (item: string) => Stage;
  /** At once. @default 10 */
  readonly maxConcurrency?: number;
  /** Percent of items that may fail. @default 0 */
  readonly toleratedFailurePercentage?: number;
  /** Items that may fail. @default 0 */
  readonly toleratedFailureCount?: number;
  /** Items that are done by one child execution; if more than one, the item is an array. Of items read from S3. @default 1 */
  readonly batchSize?: number;
  /**
   * Whether the items' results are kept: `array` in the execution, which has room for 256 KiB; `writeTo` as files in S3, of
   * items that are read from there. Without it, files in `maps/` of the output bucket say which of those have failed.
   * @default "none"
   */
  readonly results?: "none" | "array" | { readonly writeTo: Place };
  /** Runs once it has failed for good; then the pipeline goes on behind both. @default the execution fails */
  readonly onFailure?: Stage;
}

/**
 * What a map goes through: an array in JSONata, each item a part of this execution's history; or the objects of a prefix,
 * or the entries of a file in S3, each an execution of its own, so that there may be millions.
 */
export type Items = { readonly items: Value } | { readonly objects: Place } | { readonly entries: FileOfEntries };

export interface FileOfEntries {
  readonly bucket: aws.s3.Bucket;
  /** Text or JSONata. */
  readonly key: pulumi.Input<string>;
  readonly format: "JSON" | "JSONL" | "CSV";
}
