import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import type { GlueJob, JobCalls, RunAccess } from "./glue-job.ts";
import type { AnyJob, GlueJobArgs } from "./glue-job/kinds.ts";
import { connectionsOf, warnOfUnusedNetwork } from "./network.ts";
import { pipelineDefaults, type StagedArgs } from "./pipeline-args.ts";
import type { Statement } from "./policy.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { createSecurityConfiguration } from "./security/glue-security.ts";
import { protectJob } from "./security/protected-job.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";
import { stageData, type PipelineBuckets } from "./stage-data.ts";
import { plannedJobs, type PlannedJob } from "./stage-plan.ts";
import type { Integration } from "./state-machine/states.ts";

/** The jobs of a pipeline with stages. */
export interface StageJobs {
  readonly planned: readonly PlannedJob[];
  /** By the stage's name. */
  readonly jobNames: Readonly<Record<string, pulumi.Output<string>>>;
  readonly calls: Readonly<Record<string, JobCalls>>;
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
    return { stage: plan.stage.name, job };
  });
  return {
    planned,
    jobNames: Object.fromEntries(jobs.map(({ stage, job }) => [stage, job.jobName])),
    calls: callsOf(jobs),
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
  readonly job: GlueJob;
}

/** Each call with what all jobs' calls of its kind need: a role has room for few statements, not for some of each job. */
const callsOf = (jobs: readonly NamedJob[]): Readonly<Record<string, JobCalls>> => {
  const all = jobs.flatMap(({ stage, job: { calls } }) => (calls.completion === "direct" ? [] : [{ stage, calls }]));
  const permissions = merged(
    all.flatMap(({ calls }) => integrationsOf(calls).flatMap(({ permissions }) => permissions)),
  );
  const withAll = (call: Integration): Integration => ({
    ...call,
    permissions: permissions.filter(({ sid }) => call.permissions.some((own) => sid.startsWith(own.sid))),
  });
  return Object.fromEntries(
    all.map(({ stage, calls }) => [
      stage,
      calls.completion === "sync"
        ? { ...calls, startJobRun: withAll(calls.startJobRun) }
        : {
            ...calls,
            startJobRun: withAll(calls.startJobRun),
            getJobRun: withAll(calls.getJobRun),
            batchStopJobRun: withAll(calls.batchStopJobRun),
          },
    ]),
  );
};

const integrationsOf = (calls: JobCalls): readonly Integration[] =>
  calls.completion === "sync" ? [calls.startJobRun] : [calls.startJobRun, calls.getJobRun, calls.batchStopJobRun];

const accessOf = (jobs: readonly NamedJob[]): StageJobs["access"] => {
  const accesses = jobs.map(({ stage, job }) => ({ stage, jobName: job.jobName, access: job.runAccess }));
  return {
    statements: merged(accesses.flatMap(({ access }) => access?.statements ?? [])),
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

/** One statement for all that are alike but for their resources; those of one name that are not get a number. */
const merged = (statements: readonly Statement[]): readonly Statement[] => {
  const kinds = new Map<string, Statement>();
  for (const statement of statements) {
    const kind = `${statement.sid} ${statement.actions.join()}`;
    const known = kinds.get(kind);
    const others = [...kinds.values()].filter(({ sid }) => sid.startsWith(statement.sid)).length;
    const sid = known?.sid ?? (others === 0 ? statement.sid : `${statement.sid}${others + 1}`);
    kinds.set(kind, { ...statement, sid, resources: [...(known?.resources ?? []), ...statement.resources] });
  }
  return [...kinds.values()];
};
