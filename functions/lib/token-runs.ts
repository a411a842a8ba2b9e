import type { StartJobRunRequest } from "@aws-sdk/client-glue";
import { CallError, createJobRuns, reported } from "./direct/job-runs.ts";
import { simulatedCalls, type JobFunctions } from "./direct/simulated-calls.ts";
import { jsonFrom } from "./environment.ts";
import { GlueError } from "./glue-error.ts";
import { isRecord } from "./json.ts";
import type { Dependencies, GlueCalls } from "./aws.ts";

/** The run argument that carries the token of the task that waits for the run. */
export const tokenArgument = "--task_token";

export type CallsDependencies = Pick<Dependencies, "glueCalls" | "lambda" | "env">;

/** Glue, or the functions that answer for a simulated job: JOB_FUNCTIONS names them. */
export function callsFrom({ glueCalls, lambda, env }: CallsDependencies): GlueCalls {
  const isSimulated = (env.JOB_FUNCTIONS ?? "") !== "";
  return isSimulated ? simulatedCalls(lambda, jsonFrom(env, "JOB_FUNCTIONS") as JobFunctions) : glueCalls;
}

/** A run of an execution: which, of what job, and since when there can be it. */
export interface SoughtRun {
  readonly jobName: string;
  readonly executionName: string;
  readonly attempt: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Its id, if it was started. */
export async function findRunOf(calls: GlueCalls, sought: SoughtRun): Promise<string | undefined> {
  const args = { "--execution_name": sought.executionName, "--attempt": sought.attempt };
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
