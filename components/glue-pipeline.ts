import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Simulation } from "../functions/lib/job-definition.ts";
import { accountOf, type Account } from "./account.ts";
import { Dispatcher, landingDefaults, type LandingFilter } from "./dispatcher.ts";
import { validationDefaults, type Validation } from "./file-validation.ts";
import type { GlueJob, GlueJobArgs, JobData } from "./glue-job.ts";
import { jobRetryDefaults, pipelineDefinition, type JobRetry } from "./pipeline-definition.ts";
import { PipelineMachine, type LogLevel } from "./pipeline-machine.ts";
import { pollingDefaults, type Polling } from "./polling.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import { pipelineProblems } from "./rules/pipeline-rules.ts";
import { problemList, problemText } from "./rules/problem.ts";
import { SecureBucket } from "./secure-bucket.ts";
import { refuseSimulationOnAws } from "./simulation-guard.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";
import { publish, sendMessage } from "./state-machine/integrations.ts";
import type { StateGraph } from "./state-machine/states.ts";

export interface GluePipelineArgs {
  /** Who runs the job: AWS Glue, or functions that answer as Glue does. */
  readonly mode: "simulated" | "real";
  /** Lets simulated jobs be deployed to AWS itself. @default false */
  readonly allowSimulatedOnAws?: boolean;
  /**
   * The job that every accepted file goes through.
   * @example { script: new URL("./scripts/process_csv.py", import.meta.url), workerType: "G.2X", numberOfWorkers: 10 }
   */
  readonly job: GlueJobArgs;
  /** How simulated runs behave. */
  readonly simulation?: Partial<Simulation>;
  /** Which objects of the landing bucket are files for this pipeline. */
  readonly landing?: LandingFilter;
  /** What a file must be to reach the job. */
  readonly validation?: Validation;
  /** What happens when a run does not succeed. */
  readonly retry?: JobRetry;
  /** How often a run is looked at. */
  readonly polling?: Polling;
  /** A run that has not ended after this long is given up; 0: the job's timeout and an hour. @default 0 */
  readonly giveUpAfterMinutes?: number;
  /** What an execution writes to its log. @default "ALL" */
  readonly logLevel?: LogLevel;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Old versions of landed files and of outputs are deleted after this many days. @default 30 */
  readonly oldVersionDays?: number;
  /** Lets a destroy delete buckets that still hold data. @default false */
  readonly forceDestroy?: boolean;
}

export const pipelineDefaults = Object.freeze({
  giveUpAfterMinutes: 0,
  logLevel: "ALL",
  logRetentionDays: 30,
  oldVersionDays: 30,
  forceDestroy: false,
});

/**
 * Files that land in a bucket go through a Glue job: bucket → notification → dispatcher → state machine → job.
 *
 * Each version of an object gets exactly one execution. It ends as succeeded, as rejected, or as failed; then its reason
 * waits in the failure queue. The object itself always stays in the landing bucket.
 */
export class GluePipeline extends pulumi.ComponentResource {
  /** Where files land. */
  readonly landingBucket: pulumi.Output<string>;
  /** What keys of the landing bucket start with to be seen. */
  readonly landingPrefix: string;
  /** Where the job writes `processed/`, `rejected/` and `summary/`, each by execution. */
  readonly outputBucket: pulumi.Output<string>;
  readonly stateMachineArn: pulumi.Output<string>;
  readonly jobName: pulumi.Output<string>;
  readonly dispatcherName: pulumi.Output<string>;
  /** Failed files and undeliverable events, each with its reason. */
  readonly failureQueueUrl: pulumi.Output<string>;
  /** A message for every file that has come to its end. */
  readonly resultsTopicArn: pulumi.Output<string>;

  constructor(name: string, args: GluePipelineArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:index:GluePipeline", name, {}, opts);
    refuseProblems(name, args);
    if (args.mode === "simulated") refuseSimulationOnAws(args.allowSimulatedOnAws ?? false, opts);

    const account = accountOf(this);
    const filter = { ...landingDefaults, ...args.landing };
    const logRetentionDays = args.logRetentionDays ?? pipelineDefaults.logRetentionDays;

    const landing = createBucket(`${name}-landing`, args, this);
    const { bucket: output } = createBucket(`${name}-output`, args, this);
    const failures = createFailureQueue(`${name}-failures`, this);
    const results = createResultsTopic(`${name}-results`, this);
    const data = { landing: landing.bucket, landingPrefix: filter.prefix, output };
    const job = createJob(name, args, { data, account, logRetentionDays }, this);
    const { stateMachine } = new PipelineMachine(
      name,
      {
        comment: "Takes one landed file through its job",
        graph: createGraph(args, { job, output, failures, results }),
        logLevel: args.logLevel ?? pipelineDefaults.logLevel,
        logRetentionDays,
        account,
      },
      { parent: this },
    );
    const dispatcher = new Dispatcher(
      `${name}-dispatcher`,
      { landing, filter, stateMachine, jobName: job.jobName, failureQueue: failures, account, logRetentionDays },
      { parent: this },
    );

    this.landingBucket = landing.bucket.id;
    this.landingPrefix = filter.prefix;
    this.outputBucket = output.id;
    this.stateMachineArn = stateMachine.arn;
    this.jobName = job.jobName;
    this.dispatcherName = dispatcher.function.name;
    this.failureQueueUrl = failures.url;
    this.resultsTopicArn = results.arn;
    this.registerOutputs({
      landingBucket: this.landingBucket,
      landingPrefix: this.landingPrefix,
      outputBucket: this.outputBucket,
      stateMachineArn: this.stateMachineArn,
      jobName: this.jobName,
      dispatcherName: this.dispatcherName,
      failureQueueUrl: this.failureQueueUrl,
      resultsTopicArn: this.resultsTopicArn,
    });
  }
}

const refuseProblems = (name: string, args: GluePipelineArgs): void => {
  const problems = pipelineProblems(args).map((problem) => problemText(problem));
  if (problems.length > 0) throw new pulumi.RunError(problemList(`GluePipeline ${name}`, problems));
};

const createBucket = (name: string, args: GluePipelineArgs, parent: pulumi.Resource): SecureBucket =>
  new SecureBucket(
    name,
    {
      oldVersionDays: args.oldVersionDays ?? pipelineDefaults.oldVersionDays,
      forceDestroy: args.forceDestroy ?? pipelineDefaults.forceDestroy,
    },
    { parent },
  );

const createFailureQueue = (name: string, parent: pulumi.Resource): aws.sqs.Queue =>
  new aws.sqs.Queue(
    name,
    // Two weeks are the most that a queue keeps a message.
    { messageRetentionSeconds: 14 * 24 * 60 * 60, sqsManagedSseEnabled: true },
    { parent },
  );

const createResultsTopic = (name: string, parent: pulumi.Resource): aws.sns.Topic =>
  new aws.sns.Topic(name, { kmsMasterKeyId: "alias/aws/sns" }, { parent });

interface JobSurroundings {
  readonly data: JobData;
  readonly account: Account;
  readonly logRetentionDays: number;
}

/** The one place where the two modes part. */
const createJob = (
  name: string,
  args: GluePipelineArgs,
  { data, account, logRetentionDays }: JobSurroundings,
  parent: pulumi.Resource,
): GlueJob => {
  switch (args.mode) {
    case "simulated":
      return new SimulatedGlueJob(
        `${name}-job`,
        { ...args.job, data, logRetentionDays, ...(args.simulation && { simulation: args.simulation }) },
        { parent },
      );
    case "real":
      return new RealGlueJob(
        `${name}-job`,
        { ...args.job, data, account, artifacts: createBucket(`${name}-artifacts`, args, parent).bucket },
        { parent },
      );
  }
};

interface GraphParts {
  readonly job: GlueJob;
  readonly output: aws.s3.Bucket;
  readonly failures: aws.sqs.Queue;
  readonly results: aws.sns.Topic;
}

const createGraph = (args: GluePipelineArgs, { job, output, failures, results }: GraphParts): StateGraph => {
  const polling = { ...pollingDefaults, ...args.polling };
  const retry = { ...jobRetryDefaults, ...args.retry };
  return pipelineDefinition({
    job,
    validation: { ...validationDefaults, ...args.validation },
    retry,
    polling,
    giveUpAfterMinutes: watchedMinutes(args),
    outputBucket: output.id,
    notify: { call: publish("Notify", results), topicArn: results.arn },
    keepFailure: { call: sendMessage("KeepFailure", failures), queueUrl: failures.url },
  });
};
