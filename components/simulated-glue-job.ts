import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GlueCalls } from "../functions/lib/aws.ts";
import type { Simulation } from "../functions/lib/job-definition.ts";
import type { Completion, DirectCalls, GlueJob, JobData, RunAccess, RunStopper } from "./glue-job.ts";
import { jobDefinition } from "./glue-job/definition.ts";
import type { GlueJobArgs } from "./glue-job/kinds.ts";
import { warnOfJob } from "./glue-job/warnings.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { useTableUnderKey } from "./security/key-use.ts";
import {
  createGet,
  createList,
  createRun,
  createStart,
  createStop,
  invokeStandIn,
  listRuns,
  type JobFunctionParts,
} from "./simulated-job-functions.ts";
import { eventJob, invoke, jobFunctions } from "./simulated-event-calls.ts";
import { invokeFunction } from "./state-machine/integrations.ts";

export interface SimulatedGlueJobArgs {
  readonly job: GlueJobArgs;
  readonly data: JobData;
  /** How runs behave. @default simulationDefaults */
  readonly simulation?: Partial<Simulation>;
  readonly completion: Completion | "direct";
  /** Whether functions that look after several jobs are to reach its runs. @default false */
  readonly isStage?: boolean;
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
 * A job that answers as Glue does: one function for StartJobRun, one for GetJobRun, or one that starts a run and waits for
 * its end; and the runs in a table. The state of a run follows from the time and from the plan drawn when it was started;
 * asking has no influence on it.
 *
 * With completion by event it tells EventBridge of runs that have ended, as Glue does.
 *
 * It departs from Glue in this: the stand-in, which does the job's work, runs when a run is looked at for the first time
 * after its planned end, so a run that nobody looks at writes nothing.
 */
export class SimulatedGlueJob extends pulumi.ComponentResource implements GlueJob {
  readonly jobName: pulumi.Output<string>;
  readonly calls: GlueJob["calls"];
  readonly runStopper: RunStopper;
  readonly runAccess: RunAccess | undefined;
  /** What a function needs that has the job's stand-in work while a run goes on; for jobs that read a stream. */
  readonly feed:
    | {
        readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
        readonly statements: readonly Statement[];
      }
    | undefined;

  constructor(name: string, args: SimulatedGlueJobArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:SimulatedGlueJob", name, {}, opts);
    warnOfJob(args.job, this);
    const { logRetentionDays } = args;

    const { encryption } = args.data;
    const runs = createRunsTable(name, encryption, this);
    // The table's name is unique in its account, as a job's name has to be.
    this.jobName = runs.name;
    const standIn = args.job.standIn && createStandIn(name, args.job.standIn, args, this);
    const environment = {
      TABLE_NAME: runs.name,
      JOB: pulumi.jsonStringify(jobDefinition(this.jobName, args.job)),
      SIMULATION: JSON.stringify({ ...simulationDefaults, ...args.simulation }),
      ...(standIn && { STAND_IN: standIn.name }),
    };

    const parts = { runs, environment, logRetentionDays, encryption, ...(standIn && { standIn }) };
    const { calls, ...functions } = createCalls(name, args.completion, parts, this);
    this.calls = calls;
    this.runAccess = args.isStage === true ? createAccess(name, functions, parts, this) : undefined;
    this.runStopper = {
      entry: new URL("../functions/interrupted-simulated-execution.ts", import.meta.url),
      // A run that came to its end unseen is seen now: its work is done first.
      statements: [listRuns(runs), ...useTableUnderKey(encryption, runs), ...invokeStandIn(parts)],
      environment,
      timeoutSeconds: 900,
    };
    this.feed = standIn && {
      environment,
      statements: [listRuns(runs), ...useTableUnderKey(encryption, runs), ...invokeStandIn(parts)],
    };
    this.registerOutputs({ jobName: this.jobName });
  }
}

/** The functions that make the calls; those that list and stop runs by themselves, where there are such. */
const createCalls = (
  name: string,
  completion: SimulatedGlueJobArgs["completion"],
  parts: JobFunctionParts,
  parent: pulumi.Resource,
): { readonly calls: GlueJob["calls"] } & AccessFunctions => {
  switch (completion) {
    case "poll": {
      const [start, get] = [createStart(name, parts, parent), createGet(name, parts, parent)];
      const stop = createStop(name, parts, parent);
      const calls = {
        completion,
        startJobRun: invokeFunction("StartJobRun", start),
        getJobRun: invokeFunction("GetJobRun", get),
        batchStopJobRun: invokeFunction("StopJobRun", stop),
      };
      return { calls, stop };
    }
    case "event":
      return eventJob(name, parts, parent);
    case "sync":
      return { calls: { completion, startJobRun: invokeFunction("StartJobRun", createRun(name, parts, parent)) } };
    case "direct":
      return {
        calls: directCalls({
          startJobRun: createStart(name, parts, parent),
          getJobRun: createGet(name, parts, parent),
          getJobRuns: createList(name, parts, parent),
          batchStopJobRun: createStop(name, parts, parent),
        }),
      };
  }
};

type AccessFunctions = Partial<Readonly<Record<"list" | "stop", aws.lambda.Function>>>;

const createAccess = (
  name: string,
  given: AccessFunctions,
  parts: JobFunctionParts,
  parent: pulumi.Resource,
): RunAccess => {
  const list = given.list ?? createList(name, parts, parent);
  const stop = given.stop ?? createStop(name, parts, parent);
  return {
    functions: { list: list.name, stop: stop.name },
    statements: [{ sid: "StopSimulatedRuns", actions: ["lambda:InvokeFunction"], resources: [list.arn, stop.arn] }],
  };
};

const directCalls = (functions: Readonly<Record<keyof GlueCalls, aws.lambda.Function>>): DirectCalls => {
  const { startJobRun, getJobRun, getJobRuns, batchStopJobRun } = functions;
  return {
    completion: "direct",
    environment: { JOB_FUNCTIONS: jobFunctions(functions) },
    start: [invoke("StartJobRun", startJobRun)],
    watch: [invoke("StartJobRun", startJobRun), invoke("WatchJobRun", getJobRun, getJobRuns, batchStopJobRun)],
    // A look may have to wait for the stand-in.
    lookTimeoutSeconds: 900,
  };
};

const createRunsTable = (
  name: string,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
): aws.dynamodb.Table =>
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
      ...(encryption && { serverSideEncryption: { enabled: true, kmsKeyArn: encryption.keyArn } }),
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
      statements: args.data.statements,
      timeoutSeconds: 840,
      memoryMiB: 2048,
      logRetentionDays: args.logRetentionDays,
      encryption: args.data.encryption,
    },
    { parent },
  ).function;
