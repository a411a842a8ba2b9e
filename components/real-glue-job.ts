import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import type { Completion, EventJob, GlueJob, JobData, RunAccess, RunStopper } from "./glue-job.ts";
import type { AnyJob, GlueJobArgs } from "./glue-job/kinds.ts";
import { createLogGroups } from "./glue-job/logs.ts";
import { argumentsFrom, type ArgumentParts } from "./glue-job/managed-arguments.ts";
import {
  artifactsStore,
  catalogStatements,
  connectionStatements,
  fileStatements,
  logStatements,
  namedStore,
  putMetrics,
  storeStatements,
  streamStatements,
  type Store,
} from "./glue-job/permissions.ts";
import { jobSettings, needsTempDir, type JobSettings } from "./glue-job/settings.ts";
import { uploadFiles, uploadScript } from "./glue-job/upload.ts";
import { warnOfJob } from "./glue-job/warnings.ts";
import type { Statement } from "./policy.ts";
import { createServiceRole } from "./service-role.ts";
import { batchStopGlueJobRun, getGlueJobRun, runGlueJob, startGlueJobRun } from "./state-machine/integrations.ts";

export interface RealGlueJobArgs {
  readonly job: GlueJobArgs;
  readonly data: JobData;
  readonly account: Account;
  readonly completion: Completion | "direct";
  /** Where the script and the job's files are uploaded to, and where what it keeps for itself goes. */
  readonly artifacts: aws.s3.Bucket;
  readonly logRetentionDays: number;
  /** Begins its part of the artifacts bucket's folders, where several jobs share the bucket; ends with a slash. */
  readonly storesPrefix?: string;
  /** What the job's role may do besides, for example with a key. */
  readonly statements?: readonly Statement[];
}

/** An `aws.glue.Job` with its role, its script and files, and its log groups. */
export class RealGlueJob extends pulumi.ComponentResource implements GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly calls: GlueJob["calls"];
  readonly runStopper: RunStopper;
  readonly runAccess: RunAccess;

  constructor(name: string, args: RealGlueJobArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:RealGlueJob", name, {}, opts);
    warnOfJob(args.job, this);

    const settings = jobSettings(args.job);
    const stores = storesOf(args);
    const { role, policy } = createServiceRole(
      name,
      { service: "glue.amazonaws.com", statements: statementsFor(args, stores) },
      this,
    );
    const script = uploadScript(name, args.job.script, args.artifacts, this);
    const parts = {
      job: args.job,
      settings,
      files: uploadFiles(name, args.job, args.artifacts, this),
      ...uris(stores),
      ...logsOf(
        createLogGroups(
          name,
          { job: args.job, settings, role, retentionDays: args.logRetentionDays, encryption: args.data.encryption },
          this,
        ),
      ),
    };
    const job = new aws.glue.Job(name, jobArgs(parts, role, script), { parent: this, dependsOn: policy });

    this.jobName = job.name;
    this.calls = callsOf(job, args.completion);
    const statements = [
      { sid: "StopJobRuns", actions: ["glue:GetJobRuns", "glue:BatchStopJobRun"], resources: [job.arn] },
    ];
    this.runAccess = { statements };
    this.runStopper = {
      entry: new URL("../functions/interrupted-execution.ts", import.meta.url),
      statements,
      environment: {},
      timeoutSeconds: 300,
    };
    this.registerOutputs({ jobName: this.jobName });
  }
}

const callsOf = ({ arn }: aws.glue.Job, completion: RealGlueJobArgs["completion"]): GlueJob["calls"] => {
  switch (completion) {
    case "poll":
      return {
        completion,
        startJobRun: startGlueJobRun("StartJobRun", arn),
        getJobRun: getGlueJobRun("GetJobRun", arn),
        batchStopJobRun: batchStopGlueJobRun("StopJobRun", arn),
      };
    case "sync":
      return { completion, startJobRun: runGlueJob("StartJobRun", arn) };
    case "event":
      return eventJob(arn);
    case "direct":
      return {
        completion,
        environment: {},
        start: [startStatement(arn)],
        watch: [
          startStatement(arn),
          {
            sid: "WatchJobRun",
            actions: ["glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
            resources: [arn],
          },
        ],
        lookTimeoutSeconds: 60,
      };
  }
};

const eventJob = (arn: pulumi.Input<string>): EventJob => {
  const find: Statement = { sid: "FindJobRun", actions: ["glue:GetJobRuns"], resources: [arn] };
  return {
    completion: "event",
    getJobRun: getGlueJobRun("GetJobRun", arn),
    batchStopJobRun: batchStopGlueJobRun("StopJobRun", arn),
    access: {
      statements: {
        start: [startStatement(arn), find],
        find: [find],
        resolve: [{ sid: "LookAtJobRun", actions: ["glue:GetJobRun"], resources: [arn] }],
      },
    },
    observed: {},
  };
};

const startStatement = (arn: pulumi.Input<string>): Statement => ({
  sid: "StartJobRun",
  actions: ["glue:StartJobRun"],
  resources: [arn],
});

/** What the job keeps for itself, where it keeps anything. */
interface Stores {
  readonly tempDir?: Store;
  readonly eventLogs?: Store;
}

const storesOf = ({ job, artifacts, account, storesPrefix = "" }: RealGlueJobArgs): Stores => {
  const { tempDir, sparkUi = false }: AnyJob = job;
  return {
    ...(tempDir !== undefined && { tempDir: namedStore(tempDir, account) }),
    ...(tempDir === undefined && needsTempDir(job) && { tempDir: artifactsStore(artifacts, `temp/${storesPrefix}`) }),
    ...(typeof sparkUi === "string" && { eventLogs: namedStore(sparkUi, account) }),
    ...(sparkUi === true && { eventLogs: artifactsStore(artifacts, `spark-logs/${storesPrefix}`) }),
  };
};

const uris = ({ tempDir, eventLogs }: Stores): Pick<ArgumentParts, "tempDir" | "eventLogs"> => ({
  ...(tempDir && { tempDir: tempDir.uri }),
  ...(eventLogs && { eventLogs: eventLogs.uri }),
});

const logsOf = (logGroup: string | undefined): Pick<ArgumentParts, "logGroup"> =>
  logGroup === undefined ? {} : { logGroup };

const statementsFor = (
  { job, data, account, artifacts, statements = [] }: RealGlueJobArgs,
  { tempDir, eventLogs }: Stores,
): readonly Statement[] => [
  ...data.statements,
  ...fileStatements(job, artifacts, account),
  ...logStatements(job, account),
  putMetrics,
  ...(tempDir ? storeStatements("TempDir", tempDir) : []),
  ...(eventLogs ? storeStatements("EventLogs", eventLogs) : []),
  ...catalogStatements(job, account),
  ...streamStatements(job),
  ...connectionStatements(job, account),
  ...statements,
];

const jobArgs = (parts: ArgumentParts, role: aws.iam.Role, script: pulumi.Output<string>): aws.glue.JobArgs => {
  const { job, settings } = parts;
  return {
    roleArn: role.arn,
    command: {
      name: settings.kind.command,
      pythonVersion: settings.kind.pythonVersion,
      scriptLocation: script,
      ...(settings.kind.command === "glueray" && { runtime: job.runtime ?? "Ray2.4" }),
    },
    glueVersion: settings.glueVersion,
    ...sizeOf(settings),
    // A Ray job's timeout is Glue's own.
    ...(settings.kind.command !== "glueray" && { timeout: settings.timeoutMinutes }),
    executionProperty: { maxConcurrentRuns: settings.maxConcurrentRuns },
    jobRunQueuingEnabled: settings.jobRunQueuing,
    // The state machine runs a failed job again, where it can be seen.
    maxRetries: 0,
    ...optional(job),
    defaultArguments: { ...argumentsFrom(parts), ...job.defaultArguments },
  };
};

const sizeOf = ({ workerType, numberOfWorkers, maxCapacity, executionClass }: JobSettings) => ({
  ...(maxCapacity !== undefined && { maxCapacity }),
  ...(workerType !== undefined && { workerType }),
  ...(numberOfWorkers !== undefined && { numberOfWorkers }),
  ...(executionClass === "FLEX" && { executionClass }),
});

/** What Glue is told only where the job says it. */
const optional = (job: AnyJob): Partial<aws.glue.JobArgs> => ({
  ...(job.description !== undefined && { description: job.description }),
  ...(job.tags !== undefined && { tags: { ...job.tags } }),
  ...(job.maintenanceWindow !== undefined && { maintenanceWindow: job.maintenanceWindow }),
  ...(job.connections !== undefined && job.connections.length > 0 && { connections: [...job.connections] }),
  ...(job.securityConfiguration !== undefined && { securityConfiguration: job.securityConfiguration }),
  ...(job.notifyDelayAfterMinutes !== undefined && {
    notificationProperty: { notifyDelayAfter: job.notifyDelayAfterMinutes },
  }),
  ...(job.nonOverridableArguments !== undefined && { nonOverridableArguments: { ...job.nonOverridableArguments } }),
});
