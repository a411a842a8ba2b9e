import type { JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import type { JobRunRecord } from "../../functions/lib/job-run.ts";

/** The moment at which tests begin. */
export const start = Date.UTC(2026, 0, 5, 9, 0, 0);

export function aJob(given: Partial<JobDefinition> = {}): JobDefinition {
  return {
    Name: "process-csv",
    GlueVersion: "5.1",
    WorkerType: "G.1X",
    NumberOfWorkers: 2,
    Timeout: 60,
    MaxConcurrentRuns: 3,
    JobRunQueuingEnabled: false,
    DefaultArguments: { "--TempDir": "s3://temp/" },
    ...given,
  };
}

/** Eight seconds of start-up, twelve of work, no failures. */
export function aSimulation(given: Partial<Simulation> = {}): Simulation {
  return {
    seed: 1,
    startUpSeconds: 8,
    durationSeconds: 12,
    secondsPerMiB: 0,
    failureRate: 0,
    scenarios: [],
    ...given,
  };
}

export function aRun(given: Partial<JobRunRecord> = {}): JobRunRecord {
  return {
    JobName: "process-csv",
    Id: `jr_${"0".repeat(64)}`,
    details: {
      Attempt: 0,
      JobMode: "SCRIPT",
      Timeout: 60,
      GlueVersion: "5.1",
      WorkerType: "G.1X",
      NumberOfWorkers: 2,
      MaxCapacity: 2,
      AllocatedCapacity: 2,
      ExecutionClass: "STANDARD",
      JobRunQueuingEnabled: false,
      LogGroupName: "/aws-glue/jobs",
      Arguments: { "--key": "incoming/orders.csv" },
    },
    plan: { JobRunState: "SUCCEEDED", startUp: 8000, running: 12_500, allWork: 12_500, stopping: 3000 },
    startedAt: start,
    beginsAt: start,
    slot: 0,
    hasWork: false,
    ...given,
  };
}

/** What a call fails with. */
export async function failureOf(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("The call was expected to fail with an Error");
}
