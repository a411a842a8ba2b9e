import * as pulumi from "@pulumi/pulumi";
import { Observability, observabilityOf } from "./observability.ts";
import { withTracing } from "./observability/tracing.ts";
import { accountOf, type Account } from "./account.ts";
import { costTable } from "./cost-table.ts";
import { Dispatcher, landingDefaults } from "./dispatcher.ts";
import type { GlueJob, JobData } from "./glue-job.ts";
import { pricedJob } from "./job-cost.ts";
import { createOrchestration } from "./orchestration.ts";
import { pipelineDefaults, type GluePipelineArgs } from "./pipeline-args.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { connectionsOf, warnOfUnusedNetwork } from "./network.ts";
import { nameRules } from "./rules/name-rules.ts";
import { isDirect } from "./rules/dispatch-rules.ts";
import { pipelineProblems } from "./rules/pipeline-rules.ts";
import { problemList, problemText } from "./rules/problem.ts";
import { SecureBucket } from "./secure-bucket.ts";
import { encryptionOf, type Encryption } from "./security/encryption.ts";
import { withInherited } from "./security/inherited.ts";
import { createQueue, createTopic } from "./security/messages.ts";
import { protectJob } from "./security/protected-job.ts";
import { refuseSimulationOnAws } from "./simulation-guard.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";

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
