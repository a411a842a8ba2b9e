import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./policy.ts";
import type { Integration } from "./state-machine/states.ts";

/**
 * What a pipeline knows of a job, whoever answers: Glue, or the simulation. A task that starts a run is given
 * `{JobName, Arguments}` and gives `{JobRunId}`; one that looks is given `{JobName, RunId}` and gives `{JobRun}`. Both
 * fail with the errors that Step Functions reports for Glue, such as `Glue.ConcurrentRunsExceededException`.
 */
export interface GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly startJobRun: Integration;
  readonly getJobRun: Integration;
}

/** A job, as it is described to either kind. */
export interface GlueJobArgs {
  /** The Python script that Glue runs. */
  readonly script: URL;
  /** A handler module that does the same work for simulated runs; without one they take time and write nothing. */
  readonly standIn?: URL;
  /** @default "5.1" */
  readonly glueVersion?: string;
  /** @default "G.1X" */
  readonly workerType?: string;
  /** @default 2 */
  readonly numberOfWorkers?: number;
  /** Runs that take longer end as TIMEOUT. @default 60 */
  readonly timeoutMinutes?: number;
  /** Runs at once; a further one is refused with ConcurrentRunsExceededException. @default 3 */
  readonly maxConcurrentRuns?: number;
  /** Makes a further run wait instead. @default false */
  readonly jobRunQueuing?: boolean;
  /** Glue's job arguments that all runs share, for example `--column_types`. */
  readonly defaultArguments?: Readonly<Record<string, string>>;
}

export const glueJobDefaults = Object.freeze({
  glueVersion: "5.1",
  workerType: "G.1X",
  numberOfWorkers: 2,
  timeoutMinutes: 60,
  maxConcurrentRuns: 3,
  jobRunQueuing: false,
});

/** The buckets that a job reads from and writes to. */
export interface JobData {
  readonly landing: aws.s3.Bucket;
  readonly landingPrefix: string;
  readonly output: aws.s3.Bucket;
}

/** What a job's role may do with the data, in either mode. */
export const dataStatements = ({ landing, landingPrefix, output }: JobData): readonly Statement[] => [
  {
    sid: "ReadLandedFiles",
    actions: ["s3:GetObject", "s3:GetObjectVersion"],
    resources: [pulumi.interpolate`${landing.arn}/${landingPrefix}*`],
  },
  {
    sid: "WriteOutput",
    // A run replaces what an earlier run of its execution has left. Spark's committers look at what they have written,
    // and finish or abort the uploads that they find.
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
    resources: [pulumi.interpolate`${output.arn}/*`],
  },
  { sid: "ListOutput", actions: ["s3:ListBucket", "s3:ListBucketMultipartUploads"], resources: [output.arn] },
];
