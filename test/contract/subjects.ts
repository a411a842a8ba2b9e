import type {
  BatchStopJobRunRequest,
  BatchStopJobRunResponse,
  GetJobRunRequest,
  GetJobRunResponse,
  GetJobRunsRequest,
  GetJobRunsResponse,
  JobRun,
  StartJobRunRequest,
  StartJobRunResponse,
} from "@aws-sdk/client-glue";
import { createHandler as createGetJobRun } from "../../functions/get-job-run.ts";
import { createHandler as createStartJobRun } from "../../functions/start-job-run.ts";
import { reportingLikeStepFunctions } from "../../functions/lib/glue-error.ts";
import type { JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import type { Json } from "../../functions/lib/json.ts";
import { createSimulatedGlue } from "../../functions/lib/simulated-glue.ts";
import { ServiceError } from "../../local/services/service.ts";
import { TableInMemory } from "../support/dynamo-db.ts";
import { caller, glueCloud, glueJob } from "../support/glue/cloud.ts";
import { start } from "../support/jobs.ts";

/** Something that answers as Glue does. Errors carry the names that Step Functions reports. */
export interface Subject {
  startJobRun(request: StartJobRunRequest): Promise<StartJobRunResponse>;
  getJobRun(request: GetJobRunRequest): Promise<GetJobRunResponse>;
  getJobRuns(request: GetJobRunsRequest): Promise<GetJobRunsResponse>;
  batchStopJobRun(request: BatchStopJobRunRequest): Promise<BatchStopJobRunResponse>;
  pass(seconds: number): Promise<void>;
}

export type MakeSubject = (job: JobDefinition, simulation: Simulation) => Promise<Subject>;

/** The functions of a simulated job. Lists and stops, for which they have no function, come from the same table. */
export const simulatedJob: MakeSubject = (job, simulation) => {
  let now = start;
  const deps = {
    dynamoDb: new TableInMemory(),
    lambda: { invoke: () => Promise.resolve({ Payload: "{}" }) },
    env: { TABLE_NAME: "runs", JOB: JSON.stringify(job), SIMULATION: JSON.stringify(simulation), STAND_IN: "worker" },
    now: () => now,
    log: () => undefined,
  };
  const glue = createSimulatedGlue(deps);
  const getJobRun = createGetJobRun(deps);
  return Promise.resolve({
    startJobRun: createStartJobRun(deps),
    getJobRun: async (request) => ({ JobRun: withDates((await getJobRun(request)).JobRun ?? {}) }),
    getJobRuns: (request) => reportingLikeStepFunctions(() => glue.getJobRuns(request)),
    batchStopJobRun: (request) => reportingLikeStepFunctions(() => glue.batchStopJobRun(request)),
    pass: (seconds) => {
      now += seconds * 1000;
      return Promise.resolve();
    },
  });
};

/** Glue of the embedded cloud, called as the state machine does. */
export const embeddedGlue: MakeSubject = async (job, simulation) => {
  const declared = glueJob({
    glueVersion: job.GlueVersion,
    workerType: job.Command === "pythonshell" ? undefined : job.WorkerType,
    numberOfWorkers: job.Command === "pythonshell" ? undefined : job.NumberOfWorkers,
    timeout: job.Timeout,
    executionProperty: { maxConcurrentRuns: job.MaxConcurrentRuns },
    jobRunQueuingEnabled: job.JobRunQueuingEnabled,
    defaultArguments: job.DefaultArguments,
    ...(job.MaxCapacity !== undefined && { maxCapacity: job.MaxCapacity }),
    ...(job.ExecutionClass !== undefined && { executionClass: job.ExecutionClass }),
    ...(job.SecurityConfiguration !== undefined && { securityConfiguration: job.SecurityConfiguration }),
    command: { name: job.Command ?? "glueetl", scriptLocation: "s3://scripts/0a1b/process_csv.py" },
  });
  const cloud = await glueCloud({ standIn: () => Promise.resolve() }, declared, undefined, simulation);
  const { clock } = cloud;
  let letGo = (): void => undefined;
  // Time stands still but where it is passed; else it would go on to what the service has planned.
  const hold = (): void => {
    void clock.spawn(
      () =>
        new Promise<void>((resolve) => {
          letGo = resolve;
        }),
    );
  };
  hold();
  const call = async (operation: string, input: object): Promise<never> => {
    try {
      return (await cloud.api.call(caller, "glue", operation, input)) as never;
    } catch (error) {
      if (error instanceof ServiceError) throw new ServiceError(`Glue.${error.name}`, error.message);
      throw error;
    }
  };
  return {
    startJobRun: (request) => call("startJobRun", request),
    getJobRun: (request) => call("getJobRun", request),
    getJobRuns: (request) => call("getJobRuns", request),
    batchStopJobRun: (request) => call("batchStopJobRun", request),
    pass: (seconds) => {
      letGo();
      return clock.spawn(async () => {
        await clock.sleep(seconds * 1000);
        hold();
      });
    },
  };
};

/** Undoes what JSON did to a run's dates. */
function withDates(run: Json<JobRun>): JobRun {
  const { StartedOn, LastModifiedOn, CompletedOn, ...rest } = run;
  return {
    ...rest,
    ...(StartedOn !== undefined && { StartedOn: new Date(StartedOn) }),
    ...(LastModifiedOn !== undefined && { LastModifiedOn: new Date(LastModifiedOn) }),
    ...(CompletedOn !== undefined && { CompletedOn: new Date(CompletedOn) }),
  };
}
