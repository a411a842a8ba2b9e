import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { literally, type Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { dataKeyStatements } from "./security/glue-security.ts";
import type { Integration } from "./state-machine/states.ts";

/** Who waits for a run's end: the state machine, which looks at it, or the task that starts it. */
export type Completion = "poll" | "sync";

/**
 * The calls that a pipeline makes. One that starts a run is given `{JobName, Arguments}` and gives `{JobRunId}`, or, where
 * it waits for the end, the JobRun itself; a run that ended otherwise than SUCCEEDED is then the error States.TaskFailed,
 * with the JobRun as JSON in its cause. One that looks is given `{JobName, RunId}` and gives `{JobRun}`; one that stops
 * runs is given `{JobName, JobRunIds}` and gives `{SuccessfulSubmissions, Errors}`. All fail with the errors that Step
 * Functions reports for Glue, such as `Glue.ConcurrentRunsExceededException`.
 */
export type JobCalls =
  | {
      readonly completion: "poll";
      readonly startJobRun: Integration;
      readonly getJobRun: Integration;
      readonly batchStopJobRun: Integration;
    }
  | { readonly completion: "sync"; readonly startJobRun: Integration };

/** What functions that call the job without a state machine are given for it, and what their roles need. */
export interface DirectCalls {
  readonly completion: "direct";
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** To start runs. */
  readonly start: readonly Statement[];
  /** To start runs, to look at them and to search them. */
  readonly watch: readonly Statement[];
  /** The longest that a look takes. */
  readonly lookTimeoutSeconds: number;
}

/** What a pipeline knows of a job, whoever answers: Glue, or the simulation. */
export interface GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly calls: JobCalls | DirectCalls;
  readonly runStopper: RunStopper;
  /** For functions that look after several jobs; of a job that is one of several. */
  readonly runAccess: RunAccess | undefined;
}

/** Where a function that looks after several jobs finds and stops this one's runs. */
export interface RunAccess {
  /** Functions that answer as Glue does; without them Glue itself is asked. */
  readonly functions?: Readonly<Record<"list" | "stop", pulumi.Output<string>>>;
  /** Those of one sid differ in their resources only. */
  readonly statements: readonly Statement[];
}

/** The function that stops the runs of interrupted executions, as far as it depends on who has the runs. */
export interface RunStopper {
  /** Its handler's module. */
  readonly entry: URL;
  readonly statements: readonly Statement[];
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  readonly timeoutSeconds: number;
}

/** What a job is like where nothing else is said; `jobSettings` fills it in. */
export const glueJobDefaults = Object.freeze({
  glueVersion: "5.1",
  workerType: "G.1X",
  numberOfWorkers: 2,
  maxCapacity: 0.0625,
  timeoutMinutes: 60,
  maxConcurrentRuns: 3,
  jobRunQueuing: false,
});

/** What whoever does a job's work may do with its data, and the key of what it keeps. */
export interface JobData {
  readonly statements: readonly Statement[];
  /** @default AWS's own keys */
  readonly encryption?: Encryption | undefined;
}

interface LandedData {
  readonly landing: aws.s3.Bucket;
  readonly landingPrefix: string;
  readonly output: aws.s3.Bucket;
  /** The buckets' key. @default S3's own */
  readonly encryption?: Encryption | undefined;
}

/** A job that reads what has landed and has the output bucket to itself. */
export const landedToOutput = ({ landing, landingPrefix, output, encryption }: LandedData): JobData => ({
  encryption,
  statements: [
    readLanded(landing, landingPrefix),
    {
      sid: "WriteOutput",
      actions: writeActions,
      resources: [pulumi.interpolate`${output.arn}/*`],
    },
    { sid: "ListOutput", actions: ["s3:ListBucket", "s3:ListBucketMultipartUploads"], resources: [output.arn] },
    ...dataKeyStatements(encryption, { reads: [landing.arn], writes: [output.arn] }),
  ],
});

/**
 * A run replaces what an earlier run of its execution has left. Spark's committers look at what they have written, and
 * finish or abort the uploads that they find.
 */
export const writeActions: readonly string[] = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:AbortMultipartUpload",
];

export const readLanded = ({ arn }: { readonly arn: pulumi.Input<string> }, prefix: string): Statement => ({
  sid: "ReadLandedFiles",
  actions: ["s3:GetObject", "s3:GetObjectVersion"],
  resources: [pulumi.interpolate`${arn}/${literally(prefix)}*`],
});
