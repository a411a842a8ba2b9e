import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Account } from "./account.ts";
import { dataStatements, glueJobDefaults, type GlueJob, type GlueJobArgs, type JobData } from "./glue-job.ts";
import type { Statement } from "./policy.ts";
import { createServiceRole } from "./service-role.ts";
import { getGlueJobRun, startGlueJobRun } from "./state-machine/integrations.ts";
import type { Integration } from "./state-machine/states.ts";

export interface RealGlueJobArgs extends GlueJobArgs {
  readonly data: JobData;
  readonly account: Account;
  /** Where the script is uploaded to. */
  readonly artifacts: aws.s3.Bucket;
}

/** An `aws.glue.Job` with its role and its script. */
export class RealGlueJob extends pulumi.ComponentResource implements GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly startJobRun: Integration;
  readonly getJobRun: Integration;

  constructor(name: string, args: RealGlueJobArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:RealGlueJob", name, {}, opts);

    const script = uploadScript(name, args, this);
    const { role, policy } = createServiceRole(
      name,
      {
        service: "glue.amazonaws.com",
        statements: [...dataStatements(args.data), readScript(args.artifacts), writeLogs(args.account), putMetrics],
      },
      this,
    );
    const job = new aws.glue.Job(name, jobArgs(args, role, script), { parent: this, dependsOn: policy });

    this.jobName = job.name;
    this.startJobRun = startGlueJobRun("StartJobRun", job.arn);
    this.getJobRun = getGlueJobRun("GetJobRun", job.arn);
    this.registerOutputs({ jobName: this.jobName });
  }
}

/** The hash in the key makes a changed script a changed job; the basename stays, as imports and people know it. */
const uploadScript = (name: string, args: RealGlueJobArgs, parent: pulumi.Resource): aws.s3.BucketObjectv2 => {
  const file = fileURLToPath(args.script);
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
  return new aws.s3.BucketObjectv2(
    `${name}-script`,
    {
      bucket: args.artifacts.id,
      key: `scripts/${hash}/${basename(file)}`,
      source: new pulumi.asset.FileAsset(file),
    },
    { parent },
  );
};

const jobArgs = (args: RealGlueJobArgs, role: aws.iam.Role, script: aws.s3.BucketObjectv2): aws.glue.JobArgs => ({
  roleArn: role.arn,
  command: {
    name: "glueetl",
    pythonVersion: "3",
    scriptLocation: pulumi.interpolate`s3://${script.bucket}/${script.key}`,
  },
  glueVersion: args.glueVersion ?? glueJobDefaults.glueVersion,
  workerType: args.workerType ?? glueJobDefaults.workerType,
  numberOfWorkers: args.numberOfWorkers ?? glueJobDefaults.numberOfWorkers,
  timeout: args.timeoutMinutes ?? glueJobDefaults.timeoutMinutes,
  executionProperty: { maxConcurrentRuns: args.maxConcurrentRuns ?? glueJobDefaults.maxConcurrentRuns },
  jobRunQueuingEnabled: args.jobRunQueuing ?? glueJobDefaults.jobRunQueuing,
  // The state machine runs a failed job again, where it can be seen.
  maxRetries: 0,
  defaultArguments: { ...args.defaultArguments },
});

const readScript = (artifacts: aws.s3.Bucket): Statement => ({
  sid: "ReadScript",
  actions: ["s3:GetObject"],
  resources: [pulumi.interpolate`${artifacts.arn}/scripts/*`],
});

const writeLogs = ({ id, region, partition }: Account): Statement => ({
  sid: "WriteLogs",
  actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`arn:${partition}:logs:${region}:${id}:log-group:/aws-glue/*`],
});

const putMetrics: Statement = {
  sid: "PutMetrics",
  actions: ["cloudwatch:PutMetricData"],
  // CloudWatch has no narrower resource for metrics; the namespace bounds it.
  resources: ["*"],
  conditions: { StringEquals: { "cloudwatch:namespace": "Glue" } },
};
