import * as pulumi from "@pulumi/pulumi";
import { Observability, observabilityOf } from "./observability.ts";
import { withTracing } from "./observability/tracing.ts";
import { accountOf } from "./account.ts";
import { costTable } from "./cost-table.ts";
import { isQueued } from "./dispatch-args.ts";
import { Dispatcher, landingDefaults } from "./dispatcher.ts";
import { pricedJob } from "./job-cost.ts";
import { pipelineDefaults, type GluePipelineArgs } from "./pipeline-args.ts";
import type { PipelineParts } from "./pipeline-work.ts";
import { batchFolders } from "./queued-dispatch/batch-folders.ts";
import { queuedSenders } from "./queued-dispatch/queues.ts";
import { nameRules } from "./rules/name-rules.ts";
import { pipelineProblems } from "./rules/pipeline-rules.ts";
import { stagedProblems } from "./rules/staged-rules.ts";
import { problemList, problemText, type Problem } from "./rules/problem.ts";
import { workRules } from "./rules/work-rules.ts";
import { createBucket } from "./secure-bucket.ts";
import { encryptionOf } from "./security/encryption.ts";
import { withInherited } from "./security/inherited.ts";
import { createQueue, createTopic } from "./security/messages.ts";
import { createSingleJob } from "./single-job.ts";
import { plannedJobs } from "./stage-plan.ts";
import { createStagedWork } from "./staged-work.ts";
import { refuseSimulationOnAws } from "./simulation-guard.ts";

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
  /** Where the job writes `processed/`, `rejected/` and `summary/`, each by execution; stages write where each says. */
  readonly outputBucket: pulumi.Output<string>;
  /** Absent where files are dispatched directly. */
  readonly stateMachineArn: pulumi.Output<string> | undefined;
  /** The table of files and what came of them, where they are dispatched directly or wait in a queue. */
  readonly ledgerTable: pulumi.Output<string> | undefined;
  /** The queue that files wait in until they are taken on, where they do. */
  readonly arrivalQueueUrl: pulumi.Output<string> | undefined;
  /** The queue that says how they ended, and reminds of executions of which nothing is heard. */
  readonly outcomeQueueUrl: pulumi.Output<string> | undefined;
  /** Of the one job; absent where there are stages. */
  readonly jobName: pulumi.Output<string> | undefined;
  /** By stage; of the one job under "job". */
  readonly jobNames: Readonly<Record<string, pulumi.Output<string>>>;
  readonly dispatcherName: pulumi.Output<string>;
  /** Failed files and undeliverable events, each with its reason. */
  readonly failureQueueUrl: pulumi.Output<string>;
  /** A message for every file that has come to its end. */
  readonly resultsTopicArn: pulumi.Output<string>;

  constructor(name: string, args: GluePipelineArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:index:GluePipeline", name, {}, withInherited(args, withTracing(args.tracing, opts)));
    refuseProblems(name, args);
    if (isSimulated(args)) refuseSimulationOnAws(args.allowSimulatedOnAws ?? false, opts);

    showCost(name, args, this);

    const account = accountOf(this);
    const filter = { ...landingDefaults, ...args.landing };
    const logRetentionDays = args.logRetentionDays ?? pipelineDefaults.logRetentionDays;

    const encryption = encryptionOf(name, args, account, this, isQueued(args) ? queuedSenders(name, account) : []);
    const landing = createBucket(`${name}-landing`, args, encryption, this);
    const { bucket: output } = createBucket(`${name}-output`, args, encryption, this, batchFolders(args));
    const failures = createQueue(`${name}-failures`, encryption, this);
    const results = createTopic(`${name}-results`, encryption, this);
    const parts: PipelineParts = {
      landing: landing.bucket,
      landingPrefix: filter.prefix,
      output,
      failures,
      results,
      account,
      logRetentionDays,
      encryption,
      createArtifacts: () => createBucket(`${name}-artifacts`, args, encryption, this).bucket,
    };
    const { stateMachine, ledger, arrivals, outcomes, target, observed, jobName, jobNames } =
      args.stages === undefined ? createSingleJob(name, args, parts, this) : createStagedWork(name, args, parts, this);
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
      const { name: dispatcherName } = dispatcher.function;
      const isPolled = target.arrivals !== undefined;
      const functions = { dispatcher: { name: dispatcherName, isPolled }, ...observed.functions };
      new Observability(
        name,
        {
          settings: observability,
          observed: { ...observed, functions, failureQueue: failures, jobs: jobNames },
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
    this.arrivalQueueUrl = arrivals?.url;
    this.outcomeQueueUrl = outcomes?.url;
    this.jobName = jobName;
    this.jobNames = jobNames;
    this.dispatcherName = dispatcher.function.name;
    this.failureQueueUrl = failures.url;
    this.resultsTopicArn = results.arn;
    this.registerOutputs({
      landingBucket: this.landingBucket,
      landingPrefix: this.landingPrefix,
      outputBucket: this.outputBucket,
      stateMachineArn: this.stateMachineArn,
      ledgerTable: this.ledgerTable,
      arrivalQueueUrl: this.arrivalQueueUrl,
      outcomeQueueUrl: this.outcomeQueueUrl,
      jobName: this.jobName,
      jobNames: this.jobNames,
      dispatcherName: this.dispatcherName,
      failureQueueUrl: this.failureQueueUrl,
      resultsTopicArn: this.resultsTopicArn,
    });
  }
}

const refuseProblems = (name: string, args: GluePipelineArgs): void => {
  const work = workRules(args);
  const inDetail = (): readonly Problem[] =>
    args.stages === undefined ? pipelineProblems(args) : stagedProblems(name, args);
  const found = work.length > 0 ? work : inDetail();
  const problems = [...nameRules(name), ...found].map((problem) => problemText(problem));
  if (problems.length > 0) throw new pulumi.RunError(problemList(`GluePipeline ${name}`, problems));
};

/** For whoever looks at a preview, an update or an embedded run. */
const showCost = (name: string, args: GluePipelineArgs, pipeline: pulumi.Resource): void => {
  const jobs =
    args.stages === undefined
      ? [pricedJob(`${name}-job`, args.job, args.cost)]
      : plannedJobs(args).map(({ suffix, job }) => pricedJob(`${name}-${suffix}`, job, args.cost));
  if (jobs.length > 0) void pulumi.log.info(costTable(jobs), pipeline);
};

const isSimulated = (args: GluePipelineArgs): boolean =>
  args.stages === undefined ? args.mode === "simulated" : plannedJobs(args).some(({ mode }) => mode === "simulated");
