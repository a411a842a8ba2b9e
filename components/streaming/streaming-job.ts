import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import type { Account } from "../account.ts";
import { writeActions, type GlueJob, type JobData } from "../glue-job.ts";
import type { StreamingJobArgs as GlueStreamingJobArgs } from "../glue-job/kinds.ts";
import { readStream } from "../glue-job/permissions.ts";
import { Interruptions } from "../interruptions.ts";
import { keepFailureIn, notifyOf } from "../orchestration.ts";
import { type LogLevel, PipelineMachine } from "../pipeline-machine.ts";
import type { Statement } from "../policy.ts";
import type { Encryption } from "../security/encryption.ts";
import { protectJob } from "../security/protected-job.ts";
import type { Polling } from "../polling.ts";
import { RealGlueJob } from "../real-glue-job.ts";
import { SimulatedGlueJob } from "../simulated-glue-job.ts";
import { startExecution } from "../state-machine/run-integrations.ts";
import type { Integration, Value } from "../state-machine/states.ts";
import { createFeeder } from "./feeder.ts";
import { keeperDefinition, streamRetryDefaults, type StreamRetry } from "./keeper.ts";

export interface StreamingJobArgs {
  /** Who runs the job: AWS Glue, or functions that answer as Glue does. */
  readonly mode: "simulated" | "real";
  readonly job: Omit<GlueStreamingJobArgs, "maxConcurrentRuns" | "jobRunQueuing"> & { readonly kind: "streaming" };
  /** What it reads. */
  readonly stream: aws.kinesis.Stream;
  /** Where its checkpoint is: a bucket, and a prefix with a slash at its end that is the job's alone. */
  readonly checkpoint: { readonly bucket: aws.s3.Bucket; readonly prefix: string };
  /** Arguments of its runs, besides those of its stream and its checkpoint. */
  readonly arguments?: Readonly<Record<`--${string}`, Value>>;
  /** What it may do besides reading its stream and keeping its checkpoint. */
  readonly statements?: readonly Statement[];
  /** The time between two batches. @default 60 */
  readonly triggerSeconds?: number;
  /** A run whose stream has been quiet for so long ends by itself; 0: none does. @default 0 */
  readonly stopAfterIdleMinutes?: number;
  /** The job that reads what this one writes: started once more when this one has ended, so that nothing stays unread. */
  readonly next?: StreamingJob;
  readonly retry?: StreamRetry;
  /** How often a run is looked at. @default from 10 seconds to 5 minutes */
  readonly polling?: Polling;
  readonly simulation?: Partial<Simulation>;
  /** Of a real job: where its script is uploaded to. */
  readonly artifacts?: aws.s3.Bucket | undefined;
  readonly failureQueue: aws.sqs.Queue;
  readonly resultsTopic: aws.sns.Topic;
  readonly account: Account;
  readonly logLevel?: LogLevel;
  readonly logRetentionDays: number;
  /** The key of the buckets, the queue and the topic, and of what the job keeps. @default AWS's own */
  readonly encryption?: Encryption | undefined;
}

/** A run of seven days, the longest that there is, is looked at 2,100 times: its history has room for 2,700. */
const pollingDefaults = Object.freeze({ floorSeconds: 10, ceilingSeconds: 300, share: 0.05 });
const defaultTriggerSeconds = 60;

/**
 * A Glue job that reads a stream, and the state machine that keeps it running. An execution of that machine starts a run,
 * unless there is one already; it is followed by another one as long as runs end by their time-out or by failures that
 * are not too many. Stopping an execution stops its run.
 */
export class StreamingJob extends pulumi.ComponentResource {
  readonly jobName: pulumi.Output<string>;
  /** Its executions keep the job running; start one with any input. */
  readonly keeper: aws.sfn.StateMachine;

  constructor(name: string, args: StreamingJobArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:index:StreamingJob", name, {}, opts);
    const job = createJob(name, args, this);
    this.jobName = job.jobName;
    this.keeper = createKeeper(`${name}-keeper`, args, job, this);
    new Interruptions(
      `${name}-interruptions`,
      {
        stateMachine: this.keeper,
        jobName: job.jobName,
        runStopper: job.runStopper,
        failureQueue: args.failureQueue,
        resultsTopic: args.resultsTopic,
        account: args.account,
        logRetentionDays: args.logRetentionDays,
        encryption: args.encryption,
      },
      { parent: this },
    );
    this.registerOutputs({ jobName: this.jobName, keeper: this.keeper });
  }
}

/** Starts the job unless it runs, in a stage of a pipeline or wherever a task can be. */
export const keepRunning = (sid: string, { keeper }: StreamingJob): Integration => startExecution(sid, keeper);

const createJob = (name: string, args: StreamingJobArgs, parent: pulumi.Resource): GlueJob => {
  // A checkpoint has one reader: a second run is refused.
  const job = { ...args.job, maxConcurrentRuns: 1, jobRunQueuing: false } as GlueStreamingJobArgs;
  const { logRetentionDays, account, encryption } = args;
  const data: JobData = {
    encryption,
    statements: [readStream(args.stream.arn), ...keepCheckpoint(args), ...(args.statements ?? [])],
  };
  switch (args.mode) {
    case "real": {
      const { artifacts } = args;
      if (artifacts === undefined) throw new Error(`${name}: a real job needs the bucket of its script`);
      const own = protectJob(name, job, { encryption, artifacts, connections: [] }, parent);
      const real = { ...own, data, account, completion: "poll", artifacts, logRetentionDays } as const;
      return new RealGlueJob(name, real, { parent });
    }
    case "simulated": {
      const simulated = new SimulatedGlueJob(
        name,
        { job, data, completion: "poll", logRetentionDays, ...(args.simulation && { simulation: args.simulation }) },
        { parent },
      );
      const triggerSeconds = args.triggerSeconds ?? defaultTriggerSeconds;
      createFeeder(
        `${name}-feeder`,
        { job: simulated, stream: args.stream, triggerSeconds, logRetentionDays, encryption },
        parent,
      );
      return simulated;
    }
  }
};

const createKeeper = (
  name: string,
  args: StreamingJobArgs,
  { jobName, calls }: GlueJob,
  parent: pulumi.Resource,
): aws.sfn.StateMachine => {
  if (calls.completion !== "poll") throw new Error(`a keeper watches its job's runs, got ${calls.completion}`);
  const { account, failureQueue, resultsTopic, stream, checkpoint, encryption } = args;
  const triggerSeconds = args.triggerSeconds ?? defaultTriggerSeconds;
  const ownArn = pulumi.interpolate`arn:${account.partition}:states:${account.region}:${account.id}:stateMachine:${name}-*`;
  const graph = keeperDefinition({
    jobName,
    calls,
    arguments: {
      "--stream_arn": stream.arn,
      "--checkpoint_location": pulumi.interpolate`s3://${checkpoint.bucket.id}/${checkpoint.prefix}`,
      "--trigger": `${triggerSeconds} seconds`,
      "--stop_after_idle_minutes": String(args.stopAfterIdleMinutes ?? 0),
      ...args.arguments,
    },
    retry: { ...streamRetryDefaults, ...args.retry },
    polling: { ...pollingDefaults, ...args.polling },
    triggerSeconds,
    ...(args.next && {
      next: { call: startExecution("StartNext", args.next.keeper), machineArn: args.next.keeper.arn },
    }),
    startSuccessor: startExecution("StartSuccessor", { arn: ownArn }),
    notify: notifyOf(resultsTopic, encryption),
    keepFailure: keepFailureIn(failureQueue, encryption),
  });
  return new PipelineMachine(
    name,
    {
      comment: "Watches one run of a streaming job, and starts the execution of the next",
      graph,
      logLevel: args.logLevel ?? "ERROR",
      logRetentionDays: args.logRetentionDays,
      account,
      encryption,
    },
    { parent },
  ).stateMachine;
};

const keepCheckpoint = ({ checkpoint: { bucket, prefix } }: StreamingJobArgs): readonly Statement[] => [
  {
    sid: "KeepCheckpoint",
    actions: writeActions,
    resources: [pulumi.interpolate`${bucket.arn}/${prefix}*`],
  },
  {
    sid: "ListCheckpoint",
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    conditions: { StringLike: { "s3:prefix": [`${prefix}*`, prefix.slice(0, -1)] } },
  },
];
