import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { eventJobsIn, type NamedEventJob } from "./event-jobs.ts";
import type { GlueJob, JobCalls, RunAccess } from "./glue-job.ts";
import type { AnyJob, GlueJobArgs } from "./glue-job/kinds.ts";
import { mergedStatements } from "./merged-statements.ts";
import { connectionsOf, warnOfUnusedNetwork } from "./network.ts";
import type { ObservedParts } from "./observability/observed.ts";
import { pipelineDefaults, type StagedArgs } from "./pipeline-args.ts";
import type { Statement } from "./policy.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { createSecurityConfiguration } from "./security/glue-security.ts";
import { protectJob } from "./security/protected-job.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";
import { stageData, type PipelineBuckets } from "./stage-data.ts";
import { plannedJobs, type PlannedJob } from "./stage-plan.ts";
import type { Integration } from "./state-machine/states.ts";
import { TokenFunctions } from "./token-functions.ts";

/** The jobs of a pipeline with stages. */
export interface StageJobs {
  readonly planned: readonly PlannedJob[];
  /** By the stage's name. */
  readonly jobNames: Readonly<Record<string, pulumi.Output<string>>>;
  readonly calls: Readonly<Record<string, JobCalls>>;
  /** Those of whose runs' ends events tell. */
  readonly events: readonly NamedEventJob[];
  /** Functions of the simulation to keep an eye on. */
  readonly observed: ObservedParts["functions"];
  /** What a function needs that stops runs of all jobs. */
  readonly access: {
    readonly statements: readonly Statement[];
    readonly environment: Readonly<Record<"JOBS", pulumi.Output<string>>>;
  };
}

export interface StageSurroundings {
  readonly buckets: PipelineBuckets;
  readonly account: Account;
  readonly logRetentionDays: number;
  readonly createArtifacts: () => aws.s3.Bucket;
}

/** Makes the job of each stage, real or simulated. */
export const createStageJobs = (
  name: string,
  args: StagedArgs,
  surroundings: StageSurroundings,
  parent: pulumi.Resource,
): StageJobs => {
  const planned = plannedJobs(args);
  const shared = sharedByRealJobs(name, args, planned, surroundings, parent);
  const jobs = planned.map((plan) => {
    const job = createJob(`${name}-${plan.suffix}`, args, { ...surroundings, plan, shared }, parent);
    return { stage: plan.stage.name, suffix: plan.suffix, job };
  });
  const events = eventJobsIn(jobs.map(({ job }) => job));
  return {
    planned,
    jobNames: Object.fromEntries(jobs.map(({ stage, job }) => [stage, job.jobName])),
    calls: callsOf(jobs, createTokenFunctions(name, events, surroundings, parent)),
    events,
    observed: observedIn(jobs),
    access: accessOf(jobs),
  };
};

interface SharedByRealJobs {
  readonly artifacts: aws.s3.Bucket;
  readonly connections: readonly pulumi.Output<string>[];
  readonly securityConfiguration?: pulumi.Output<string>;
}

const sharedByRealJobs = (
  name: string,
  args: StagedArgs,
  planned: readonly PlannedJob[],
  { account, createArtifacts, buckets: { encryption } }: StageSurroundings,
  parent: pulumi.Resource,
): SharedByRealJobs | undefined => {
  if (!planned.some(({ mode }) => mode === "real")) {
    warnOfUnusedNetwork(args.network, parent);
    return undefined;
  }
  const configuration = encryption && createSecurityConfiguration(`${name}-jobs`, encryption, parent).name;
  return {
    artifacts: createArtifacts(),
    connections: connectionsOf(`${name}-network`, args.network, account, parent),
    ...(configuration && { securityConfiguration: configuration }),
  };
};

interface JobParts extends StageSurroundings {
  readonly plan: PlannedJob;
  readonly shared: SharedByRealJobs | undefined;
}

const createJob = (
  name: string,
  args: StagedArgs,
  { plan, shared, buckets, account, logRetentionDays }: JobParts,
  parent: pulumi.Resource,
): GlueJob => {
  const completion = args.completion ?? pipelineDefaults.completion;
  const data = stageData(buckets, plan);
  if (plan.mode === "simulated" || shared === undefined) {
    const { simulation } = args;
    return new SimulatedGlueJob(
      name,
      { job: plan.job, data, completion, logRetentionDays, isStage: true, ...(simulation && { simulation }) },
      { parent },
    );
  }
  const { artifacts, connections } = shared;
  const own = protectJob(
    name,
    withSharedSecurity(plan.job, shared),
    { encryption: data.encryption, artifacts, connections },
    parent,
  );
  return new RealGlueJob(
    name,
    { ...own, artifacts, data, account, completion, logRetentionDays, storesPrefix: `${plan.suffix}/` },
    { parent },
  );
};

const withSharedSecurity = (job: GlueJobArgs, { securityConfiguration }: SharedByRealJobs): GlueJobArgs => {
  const { securityConfiguration: own }: AnyJob = job;
  return own !== undefined || securityConfiguration === undefined ? job : { ...job, securityConfiguration };
};

interface NamedJob {
  readonly stage: string;
  /** What the names of its resources have behind the pipeline's. */
  readonly suffix: string;
  readonly job: GlueJob;
}

interface StageCalls {
  readonly stage: string;
  readonly calls: JobCalls;
}

/** Each call with what all jobs' calls of its kind need: a role has room for few statements, not for some of each job. */
const callsOf = (jobs: readonly NamedJob[], tokens: TokenFunctions | undefined): Readonly<Record<string, JobCalls>> => {
  const all = jobs.flatMap(({ stage, job: { calls } }): readonly StageCalls[] => {
    if (calls.completion === "direct") return [];
    if (calls.completion !== "event") return [{ stage, calls }];
    return tokens === undefined ? [] : [{ stage, calls: tokens.callsOf(calls) }];
  });
  const permissions = mergedStatements(
    all.flatMap(({ calls }) => integrationsOf(calls).flatMap(({ permissions }) => permissions)),
  );
  const withAll = (call: Integration): Integration => ({
    ...call,
    permissions: permissions.filter(({ sid }) => call.permissions.some((own) => sid.startsWith(own.sid))),
  });
  return Object.fromEntries(
    all.map(({ stage, calls }): readonly [string, JobCalls] => {
      if (calls.completion === "sync") return [stage, { ...calls, startJobRun: withAll(calls.startJobRun) }];
      const looks = { getJobRun: withAll(calls.getJobRun), batchStopJobRun: withAll(calls.batchStopJobRun) };
      // What starts and finds runs by events is the same for all.
      if (calls.completion === "event") return [stage, { ...calls, ...looks }];
      return [stage, { ...calls, ...looks, startJobRun: withAll(calls.startJobRun) }];
    }),
  );
};

/** The calls that are another for each job. */
const integrationsOf = (calls: JobCalls): readonly Integration[] => {
  switch (calls.completion) {
    case "sync":
      return [calls.startJobRun];
    case "poll":
      return [calls.startJobRun, calls.getJobRun, calls.batchStopJobRun];
    case "event":
      return [calls.getJobRun, calls.batchStopJobRun];
  }
};

const createTokenFunctions = (
  name: string,
  events: readonly NamedEventJob[],
  { logRetentionDays, buckets: { encryption } }: StageSurroundings,
  parent: pulumi.Resource,
): TokenFunctions | undefined =>
  events.length === 0
    ? undefined
    : new TokenFunctions(`${name}-job`, { jobs: events, logRetentionDays, encryption }, { parent });

/** Functions of simulated jobs, called after their stages. */
const observedIn = (jobs: readonly NamedJob[]): ObservedParts["functions"] =>
  Object.fromEntries(
    jobs.flatMap(({ suffix, job: { calls } }) =>
      calls.completion === "event"
        ? Object.entries(calls.observed).map(([label, observed]) => [`${suffix}-${label}`, observed])
        : [],
    ),
  );

const accessOf = (jobs: readonly NamedJob[]): StageJobs["access"] => {
  const accesses = jobs.map(({ stage, job }) => ({ stage, jobName: job.jobName, access: job.runAccess }));
  return {
    statements: mergedStatements(accesses.flatMap(({ access }) => access?.statements ?? [])),
    environment: {
      JOBS: pulumi.jsonStringify(
        Object.fromEntries(accesses.map(({ stage, jobName, access }) => [stage, [jobName, ...functionsOf(access)]])),
      ),
    },
  };
};

/** As `stageJobs` of the functions reads them. */
const functionsOf = (access: RunAccess | undefined): readonly pulumi.Output<string>[] =>
  access?.functions === undefined ? [] : [access.functions.list, access.functions.stop];
