import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { isBatched, isDirect } from "./dispatch-args.ts";
import { landedToOutput, type GlueJob, type JobData } from "./glue-job.ts";
import { connectionsOf, warnOfUnusedNetwork } from "./network.ts";
import { createOrchestration } from "./orchestration.ts";
import { pipelineDefaults, type SingleJobArgs } from "./pipeline-args.ts";
import type { PipelineParts, PipelineWork } from "./pipeline-work.ts";
import { RealGlueJob } from "./real-glue-job.ts";
import { protectJob } from "./security/protected-job.ts";
import { SimulatedGlueJob } from "./simulated-glue-job.ts";

/** The work of a pipeline of one job. */
export const createSingleJob = (
  name: string,
  args: SingleJobArgs,
  parts: PipelineParts,
  parent: pulumi.Resource,
): PipelineWork => {
  const { landing, landingPrefix, output, encryption } = parts;
  const data = landedToOutput({ landing, landingPrefix, output, encryption, takesManifests: isBatched(args) });
  const job = createJob(name, args, { ...parts, data }, parent);
  const orchestration = createOrchestration(name, args, { ...parts, job }, parent);
  return { ...orchestration, jobName: job.jobName, jobNames: { job: job.jobName } };
};

interface JobSurroundings {
  readonly data: JobData;
  readonly account: Account;
  readonly logRetentionDays: number;
  readonly createArtifacts: () => aws.s3.Bucket;
}

/** The one place where the two modes part. */
const createJob = (
  name: string,
  args: SingleJobArgs,
  surroundings: JobSurroundings,
  parent: pulumi.Resource,
): GlueJob & pulumi.Resource => {
  const { data, account, logRetentionDays } = surroundings;
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
        { ...realJob(name, args, surroundings, parent), data, account, completion, logRetentionDays },
        { parent },
      );
  }
};

/** What security and network add to a real job; a simulated one is in no network and encrypts with its functions. */
const realJob = (
  name: string,
  args: SingleJobArgs,
  { data: { encryption }, account, createArtifacts }: JobSurroundings,
  parent: pulumi.Resource,
) => {
  const artifacts = createArtifacts();
  const connections = connectionsOf(`${name}-network`, args.network, account, parent);
  return { artifacts, ...protectJob(`${name}-job`, args.job, { encryption, artifacts, connections }, parent) };
};
