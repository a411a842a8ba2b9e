import * as pulumi from "@pulumi/pulumi";
import { Observability, observabilityOf, type ObservabilityArgs } from "./observability.ts";
import { withTracing } from "./observability/tracing.ts";
import type { Simulation } from "../functions/lib/job-definition.ts";
import { accountOf, type Account } from "./account.ts";
import { costTable } from "./cost-table.ts";
import { Dispatcher, landingDefaults, type LandingFilter } from "./dispatcher.ts";
import type { Validation } from "./file-validation.ts";
import type { Completion, GlueJob, JobData } from "./glue-job.ts";
import type { GlueJobArgs } from "./glue-job/kinds.ts";
import { pricedJob, type CostArgs } from "./job-cost.ts";
import { createOrchestration, type DispatchArgs } from "./orchestration.ts";
import type { JobRetry } from "./pipeline-definition.ts";
import type { LogLevel, StateMachineType } from "./pipeline-machine.ts";
import type { Polling } from "./polling.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { connectionsOf, warnOfUnusedNetwork, type NetworkArgs } from "./network.ts";
import { nameRules } from "./rules/name-rules.ts";
import { isDirect } from "./rules/dispatch-rules.ts";
import { pipelineProblems } from "./rules/pipeline-rules.ts";
import { problemList, problemText } from "./rules/problem.ts";
import { SecureBucket } from "./secure-bucket.ts";
import { encryptionOf, type Encryption } from "./security/encryption.ts";
import { withInherited } from "./security/inherited.ts";
import { createQueue, createTopic } from "./security/messages.ts";
import { protectJob } from "./security/protected-job.ts";
import type { SecurityArgs } from "./security.ts";
import { refuseSimulationOnAws } from "./simulation-guard.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";

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
  /** What runs are expected and allowed to cost. */
  readonly cost?: CostArgs;
  /** How simulated runs behave. */
  readonly simulation?: Partial<Simulation>;
  /** Which objects of the landing bucket are files for this pipeline. */
  readonly landing?: LandingFilter;
  /** What a file must be to reach the job. */
  readonly validation?: Validation;
  /** What happens when a run does not succeed. */
  readonly retry?: JobRetry;
  /** Who takes a landed file through the job. @default { mode: "state-machine" } */
  readonly dispatch?: DispatchArgs;
  /**
   * Who waits for a run's end: the state machine, which looks ever less often, or the task that starts the run, at which
   * Step Functions looks each minute and, after ten, every five. @default "poll"
   */
  readonly completion?: Completion;
  /** How often a run is looked at, where the state machine does it. */
  readonly polling?: Polling;
  /** A run that has not ended after this long is given up; 0: the job's timeout and an hour. @default 0 */
  readonly giveUpAfterMinutes?: number;
  /**
   * An express machine costs less and keeps no executions: a file whose event comes twice is run twice.
   * @default "STANDARD"
   */
  readonly stateMachineType?: StateMachineType;
  /** An execution that takes longer ends as TIMED_OUT; 0: as long as all its runs can take. @default 0 */
  readonly executionTimeoutMinutes?: number;
  /** What an execution writes to its log. @default "ALL" */
  readonly logLevel?: LogLevel;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Old versions of landed files and of outputs are deleted after this many days. @default 30 */
  readonly oldVersionDays?: number;
  /** Lets a destroy delete buckets that still hold data. @default false */
  readonly forceDestroy?: boolean;
  /** One switch, or what of it: a key of the pipeline's own for all that it keeps and sends. @default on where the mode is "real" */
  readonly security?: boolean | SecurityArgs;
  /** Alarms, a dashboard, and who is told of what. @default on where the mode is "real" */
  readonly observability?: boolean | ObservabilityArgs;
  /** Has X-Ray trace the functions and the state machine. @default false */
  readonly tracing?: boolean;
  /** Where a real job's workers are. Simulated jobs use none. @default { kind: "none" } */
  readonly network?: NetworkArgs;
  /** Tags of everything that takes tags, objects apart. */
  readonly tags?: Readonly<Record<string, string>>;
}

export const pipelineDefaults = Object.freeze({
  completion: "poll",
  stateMachineType: "STANDARD",
  executionTimeoutMinutes: 0,
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
  /** Absent where files are dispatched directly. */
  readonly stateMachineArn: pulumi.Output<string> | undefined;
  /** The table of files and what came of them, where they are dispatched directly. */
  readonly ledgerTable: pulumi.Output<string> | undefined;
  readonly jobName: pulumi.Output<string>;
  readonly dispatcherName: pulumi.Output<string>;
  /** Failed files and undeliverable events, each with its reason. */
  readonly failureQueueUrl: pulumi.Output<string>;
  /** A message for every file that has come to its end. */
  readonly resultsTopicArn: pulumi.Output<string>;

  constructor(name: string, args: GluePipelineArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:index:GluePipeline", name, {}, withInherited(args, withTracing(args.tracing, opts)));
    refuseProblems(name, args);
    if (args.mode === "simulated") refuseSimulationOnAws(args.allowSimulatedOnAws ?? false, opts);

    showCost(name, args, this);

    const account = accountOf(this);
    const filter = { ...landingDefaults, ...args.landing };
    const logRetentionDays = args.logRetentionDays ?? pipelineDefaults.logRetentionDays;

    const encryption = encryptionOf(name, args, account, this);
    const landing = createBucket(`${name}-landing`, args, encryption, this);
    const { bucket: output } = createBucket(`${name}-output`, args, encryption, this);
    const failures = createQueue(`${name}-failures`, encryption, this);
    const results = createTopic(`${name}-results`, encryption, this);
    const data = { landing: landing.bucket, landingPrefix: filter.prefix, output, encryption };
    const job = createJob(name, args, { data, account, logRetentionDays }, this);
    const { stateMachine, ledger, target, observed } = createOrchestration(
      name,
      args,
      { job, output, failures, results, account, logRetentionDays, encryption },
      this,
    );
    const dispatcher = new Dispatcher(
      `${name}-dispatcher`,
      {
        landing,
        filter,
        target,
        failureQueue: failures,
        account,
        logRetentionDays,
        encryption,
      },
      { parent: this },
    );

    const observability = observabilityOf(args);
    if (observability.enabled) {
      const functions = { dispatcher: dispatcher.function, ...observed.functions };
      new Observability(
        name,
        {
          settings: observability,
          observed: { ...observed, functions, failureQueue: failures, jobName: job.jobName },
          resultsTopic: results,
          failureQueue: failures,
          account,
          logRetentionDays,
          encryption,
        },
        { parent: this },
      );
    }

    this.landingBucket = landing.bucket.id;
    this.landingPrefix = filter.prefix;
    this.outputBucket = output.id;
    this.stateMachineArn = stateMachine?.arn;
    this.ledgerTable = ledger?.name;
    this.jobName = job.jobName;
    this.dispatcherName = dispatcher.function.name;
    this.failureQueueUrl = failures.url;
    this.resultsTopicArn = results.arn;
    this.registerOutputs({
      landingBucket: this.landingBucket,
      landingPrefix: this.landingPrefix,
      outputBucket: this.outputBucket,
      stateMachineArn: this.stateMachineArn,
      ledgerTable: this.ledgerTable,
      jobName: this.jobName,
      dispatcherName: this.dispatcherName,
      failureQueueUrl: this.failureQueueUrl,
      resultsTopicArn: this.resultsTopicArn,
    });
  }
}

const refuseProblems = (name: string, args: GluePipelineArgs): void => {
  const problems = [...nameRules(name), ...pipelineProblems(args)].map((problem) => problemText(problem));
  if (problems.length > 0) throw new pulumi.RunError(problemList(`GluePipeline ${name}`, problems));
};

/** For whoever looks at a preview, an update or an embedded run. */
const showCost = (name: string, args: GluePipelineArgs, pipeline: pulumi.Resource): void => {
  void pulumi.log.info(costTable([pricedJob(`${name}-job`, args.job, args.cost)]), pipeline);
};

const createBucket = (
  name: string,
  args: GluePipelineArgs,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
): SecureBucket =>
  new SecureBucket(
    name,
    {
      oldVersionDays: args.oldVersionDays ?? pipelineDefaults.oldVersionDays,
      forceDestroy: args.forceDestroy ?? pipelineDefaults.forceDestroy,
      encryption,
    },
    { parent },
  );

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
  const completion = isDirect(args) ? "direct" : (args.completion ?? pipelineDefaults.completion);
  switch (args.mode) {
    case "simulated":
      warnOfUnusedNetwork(args.network, parent);
      return new SimulatedGlueJob(
        `${name}-job`,
        { job: args.job, data, completion, logRetentionDays, ...(args.simulation && { simulation: args.simulation }) },
        { parent },
      );
    case "real":
      return new RealGlueJob(
        `${name}-job`,
        { ...realJob(name, args, { data, account }, parent), data, account, completion, logRetentionDays },
        { parent },
      );
  }
};

/** What security and network add to a real job; a simulated one is in no network and encrypts with its functions. */
const realJob = (
  name: string,
  args: GluePipelineArgs,
  { data: { encryption }, account }: Pick<JobSurroundings, "data" | "account">,
  parent: pulumi.Resource,
) => {
  const artifacts = createBucket(`${name}-artifacts`, args, encryption, parent).bucket;
  const connections = connectionsOf(`${name}-network`, args.network, account, parent);
  return { artifacts, ...protectJob(`${name}-job`, args.job, { encryption, artifacts, connections }, parent) };
};
