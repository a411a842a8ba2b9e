import type { StartJobRunRequest } from "@aws-sdk/client-glue";
import { CallError, createJobRuns, reported } from "./direct/job-runs.ts";
import { simulatedCalls } from "./direct/simulated-calls.ts";
import { jsonFrom } from "./environment.ts";
import { GlueError } from "./glue-error.ts";
import { isRecord } from "./json.ts";
import { mapItemArgument } from "./run-arguments.ts";
import type { Dependencies, GlueCalls } from "./aws.ts";

export type CallsDependencies = Pick<Dependencies, "glueCalls" | "lambda" | "env">;

/** Of a simulated job: names of the functions that answer for it, and the queue to announce its runs to. */
interface SimulatedJob {
  readonly start?: string;
  readonly get?: string;
  readonly list?: string;
  readonly ends?: string;
}

/** What a function knows of its jobs, by their names: SIMULATED_JOBS has the simulated ones. */
export interface KnownJobs {
  /** Glue, or the functions that answer for the job. */
  readonly callsOf: (jobName: string) => GlueCalls;
  /** The URL of the queue that takes a message for each run of a simulated job. */
  readonly endsOf: (jobName: string) => string | undefined;
}

export function knownJobs({ glueCalls, lambda, env }: CallsDependencies): KnownJobs {
  const isSimulated = (env.SIMULATED_JOBS ?? "") !== "";
  const jobs = new Map(
    isSimulated ? Object.entries(jsonFrom(env, "SIMULATED_JOBS") as Readonly<Record<string, SimulatedJob>>) : [],
  );
  return {
    callsOf: (jobName) => {
      const job = jobs.get(jobName);
      if (job === undefined) return glueCalls;
      return simulatedCalls(lambda, { startJobRun: job.start, getJobRun: job.get, getJobRuns: job.list });
    },
    endsOf: (jobName) => jobs.get(jobName)?.ends,
  };
}

/** A run of an execution: which, of what job, and since when there can be it. */
export interface SoughtRun {
  readonly jobName: string;
  readonly executionName: string;
  readonly attempt: string;
  /** Of a run for an item of a map: which item. */
  readonly mapItem?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Its id, if it was started. */
export async function findRunOf(calls: GlueCalls, sought: SoughtRun): Promise<string | undefined> {
  const args = {
    "--execution_name": sought.executionName,
    "--attempt": sought.attempt,
    ...(sought.mapItem !== undefined && { [mapItemArgument]: sought.mapItem }),
  };
  return (await createJobRuns(calls, sought.jobName).find(args, sought.since))?.runId;
}

export async function startRun(calls: GlueCalls, request: StartJobRunRequest): Promise<string> {
  const { JobRunId } = await reported(() => calls.startJobRun(request));
  if (JobRunId === undefined) throw new Error("StartJobRun answered without a JobRunId");
  return JobRunId;
}

/** Fails as the function does that was asked, where one was, so that a cause holds the message and nothing around it. */
export async function withPlainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new GlueError(error.name, messageIn(error.message));
  }
}

function messageIn(text: string): string {
  try {
    const told: unknown = JSON.parse(text);
    return isRecord(told) && typeof told.errorMessage === "string" ? told.errorMessage : text;
  } catch {
    return text;
  }
}
