import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { JobDefinition, Simulation } from "../functions/lib/job-definition.ts";
import { dataStatements, glueJobDefaults, type GlueJob, type GlueJobArgs, type JobData } from "./glue-job.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import { invokeFunction } from "./state-machine/integrations.ts";
import type { Integration } from "./state-machine/states.ts";

export interface SimulatedGlueJobArgs extends GlueJobArgs {
  readonly data: JobData;
  /** How runs behave. @default simulationDefaults */
  readonly simulation?: Partial<Simulation>;
  readonly logRetentionDays: number;
}

export const simulationDefaults: Simulation = Object.freeze({
  seed: 1,
  startUpSeconds: 8,
  durationSeconds: 12,
  secondsPerMiB: 0,
  failureRate: 0.2,
  scenarios: [],
});

/**
 * A job that answers as Glue does: one function for StartJobRun, one for GetJobRun, and the runs in a table. The state of
 * a run follows from the time and from the plan drawn when it was started; asking has no influence on it.
 *
 * It departs from Glue in this: the stand-in, which does the job's work, runs when a run is looked at for the first time
 * after its planned end, so a run that nobody looks at writes nothing.
 */
export class SimulatedGlueJob extends pulumi.ComponentResource implements GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly startJobRun: Integration;
  readonly getJobRun: Integration;

  constructor(name: string, args: SimulatedGlueJobArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:SimulatedGlueJob", name, {}, opts);
    const { logRetentionDays } = args;

    const runs = createRunsTable(name, this);
    // The table's name is unique in its account, as a job's name has to be.
    this.jobName = runs.name;
    const standIn = args.standIn && createStandIn(name, args.standIn, args, this);
    const environment = {
      TABLE_NAME: runs.name,
      JOB: pulumi.jsonStringify(jobDefinition(this.jobName, args)),
      SIMULATION: JSON.stringify({ ...simulationDefaults, ...args.simulation }),
      ...(standIn && { STAND_IN: standIn.name }),
    };

    const start = new LambdaFunction(
      `${name}-start`,
      {
        entry: new URL("../functions/start-job-run.ts", import.meta.url),
        description: "Answers as glue:StartJobRun",
        statements: [writeRuns(runs)],
        environment,
        timeoutSeconds: 30,
        logRetentionDays,
      },
      { parent: this },
    );
    const get = new LambdaFunction(
      `${name}-get`,
      {
        entry: new URL("../functions/get-job-run.ts", import.meta.url),
        description: "Answers as glue:GetJobRun",
        statements: [updateRuns(runs), ...(standIn ? [invokeStandIn(standIn)] : [])],
        environment,
        // It waits for the stand-in.
        timeoutSeconds: 900,
        logRetentionDays,
      },
      { parent: this },
    );
    this.startJobRun = invokeFunction("StartJobRun", start.function);
    this.getJobRun = invokeFunction("GetJobRun", get.function);
    this.registerOutputs({ jobName: this.jobName });
  }
}

const createRunsTable = (name: string, parent: pulumi.Resource): aws.dynamodb.Table =>
  new aws.dynamodb.Table(
    name,
    {
      hashKey: "JobName",
      rangeKey: "Id",
      attributes: [
        { name: "JobName", type: "S" },
        { name: "Id", type: "S" },
      ],
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "ExpiresAt", enabled: true },
    },
    { parent },
  );

/** It does what the script would, with the permissions that the script would have. */
const createStandIn = (
  name: string,
  entry: URL,
  args: SimulatedGlueJobArgs,
  parent: pulumi.Resource,
): aws.lambda.Function =>
  new LambdaFunction(
    `${name}-stand-in`,
    {
      entry,
      description: "Does the work of a job run in place of its script",
      statements: dataStatements(args.data),
      timeoutSeconds: 840,
      memoryMiB: 2048,
      logRetentionDays: args.logRetentionDays,
    },
    { parent },
  ).function;

const jobDefinition = (
  jobName: pulumi.Output<string>,
  args: GlueJobArgs,
): { [Field in keyof JobDefinition]: unknown } => ({
  Name: jobName,
  GlueVersion: args.glueVersion ?? glueJobDefaults.glueVersion,
  WorkerType: args.workerType ?? glueJobDefaults.workerType,
  NumberOfWorkers: args.numberOfWorkers ?? glueJobDefaults.numberOfWorkers,
  Timeout: args.timeoutMinutes ?? glueJobDefaults.timeoutMinutes,
  MaxConcurrentRuns: args.maxConcurrentRuns ?? glueJobDefaults.maxConcurrentRuns,
  JobRunQueuingEnabled: args.jobRunQueuing ?? glueJobDefaults.jobRunQueuing,
  DefaultArguments: args.defaultArguments ?? {},
});

const writeRuns = (runs: aws.dynamodb.Table): Statement => ({
  sid: "WriteRuns",
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
  resources: [runs.arn],
});

const updateRuns = (runs: aws.dynamodb.Table): Statement => ({
  sid: "UpdateRuns",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
  resources: [runs.arn],
});

const invokeStandIn = (standIn: aws.lambda.Function): Statement => ({
  sid: "InvokeStandIn",
  actions: ["lambda:InvokeFunction"],
  resources: [standIn.arn],
});
