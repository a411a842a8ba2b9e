import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import type { Orchestration } from "./orchestration.ts";
import type { Encryption } from "./security/encryption.ts";

/** What is there before anything takes files through their jobs. */
export interface PipelineParts {
  readonly landing: aws.s3.Bucket;
  readonly landingPrefix: string;
  readonly output: aws.s3.Bucket;
  readonly failures: aws.sqs.Queue;
  readonly results: aws.sns.Topic;
  readonly account: Account;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
  /** The bucket for what real jobs are uploaded with; called once, where there is such a job. */
  readonly createArtifacts: () => aws.s3.Bucket;
}

/** What takes files through their jobs, and the jobs. */
export interface PipelineWork extends Orchestration {
  /** Of the one job, where there are no stages. */
  readonly jobName?: pulumi.Output<string>;
  /** By stage; of the one job under "job". */
  readonly jobNames: Readonly<Record<string, pulumi.Output<string>>>;
}
