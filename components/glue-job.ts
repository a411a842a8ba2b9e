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

/** The buckets that a job reads from and writes to. */
export interface JobData {
  readonly landing: aws.s3.Bucket;
  readonly landingPrefix: string;
  readonly output: aws.s3.Bucket;
  /** The buckets' key. @default S3's own */
  readonly encryption?: Encryption | undefined;
}

/** What a job's role may do with the data, in either mode. */
export const dataStatements = ({ landing, landingPrefix, output, encryption }: JobData): readonly Statement[] => [
  {
    sid: "ReadLandedFiles",
    actions: ["s3:GetObject", "s3:GetObjectVersion"],
    resources: [pulumi.interpolate`${landing.arn}/${literally(landingPrefix)}*`],
  },
  {
    sid: "WriteOutput",
    // A run replaces what an earlier run of its execution has left. Spark's committers look at what they have written,
    // and finish or abort the uploads that they find.
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
    resources: [pulumi.interpolate`${output.arn}/*`],
  },
  { sid: "ListOutput", actions: ["s3:ListBucket", "s3:ListBucketMultipartUploads"], resources: [output.arn] },
  ...dataKeyStatements(encryption, { reads: [landing.arn], writes: [output.arn] }),
];
