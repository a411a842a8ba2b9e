import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { literally, type Statement } from "./policy.ts";
import type { ObservedParts } from "./observability/observed.ts";
import type { Encryption } from "./security/encryption.ts";
import { dataKeyStatements } from "./security/glue-security.ts";
import type { Integration } from "./state-machine/states.ts";

/**
 * Who waits for a run's end: the state machine, which looks at it; the task that starts it; or nobody: an event tells of
 * it.
 */
export type Completion = "poll" | "sync" | "event";

/**
 * The calls that a pipeline makes. One that starts a run is given `{JobName, Arguments}` and gives `{JobRunId}`, or, where
 * it waits for the end, the JobRun itself; a run that ended otherwise than SUCCEEDED is then the error States.TaskFailed,
 * with the JobRun as JSON in its cause. One that looks is given `{JobName, RunId}` and gives `{JobRun}`; one that stops
 * runs is given `{JobName, JobRunIds}` and gives `{SuccessfulSubmissions, Errors}`. With events, a function starts the
 * runs; the task that calls it waits for its token, and ends with the JobRun however that ended. All fail with the errors that Step
 * Functions reports for Glue, such as `Glue.ConcurrentRunsExceededException`.
 */
export type JobCalls =
  | {
      readonly completion: "poll";
      readonly startJobRun: Integration;
      readonly getJobRun: Integration;
      readonly batchStopJobRun: Integration;
    }
  | { readonly completion: "sync"; readonly startJobRun: Integration }
  | EventCalls;

/** The calls of a job whose runs' ends are told by events. */
export interface EventCalls {
  readonly completion: "event";
  readonly startJobRun: Integration;
  /** The ARN of the function that starts runs. */
  readonly starter: pulumi.Input<string>;
  /** Given `{JobName, ExecutionName, Attempt, MapItem, Since}`, gives `{JobRunId}`: for events that are lost. */
  readonly findJobRun: Integration;
  readonly getJobRun: Integration;
  readonly batchStopJobRun: Integration;
}

/** A job whose runs' ends are told by events, as far as it is there without the functions that several jobs share. */
export interface EventJob {
  readonly completion: "event";
  readonly getJobRun: Integration;
  readonly batchStopJobRun: Integration;
  readonly access: EventAccess;
  /** Functions of the simulation to keep an eye on. */
  readonly observed: ObservedParts["functions"];
}

/** What functions need to start a job's runs for tokens, to find them, and to look at those that have ended. */
export interface EventAccess {
  /** Those of one sid differ in their resources only. */
  readonly statements: Readonly<Record<"start" | "find" | "resolve", readonly Statement[]>>;
  /** Functions that answer as Glue does, and the queue that takes a message for each run; without them it is Glue. */
  readonly simulated?: Readonly<Record<"start" | "get" | "list", aws.lambda.Function>> & {
    readonly ends: aws.sqs.Queue;
  };
}

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
  readonly calls: Exclude<JobCalls, EventCalls> | EventJob | DirectCalls;
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
  /** Whether a run takes many files, and must tell one that is gone from one that it may not read. @default false */
  readonly takesManifests?: boolean;
}

/** A job that reads what has landed and has the output bucket to itself. */
export const landedToOutput = ({
  landing,
  landingPrefix,
  output,
  encryption,
  takesManifests = false,
}: LandedData): JobData => ({
  encryption,
  statements: [
    readLanded(landing, landingPrefix),
    // That an object is not there is told only to whom its bucket may be listed by.
    ...(takesManifests ? [{ sid: "ListLanded", actions: ["s3:ListBucket"], resources: [landing.arn] }] : []),
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
