import { createGlueJobRuns } from "./clients/glue.ts";
import { createLambda } from "./clients/lambda.ts";
import { once } from "./lib/environment.ts";
import { stopAllRuns, type Refusal, type RunOwner } from "./lib/interruption/job-runs-of-execution.ts";
import { stageJobs } from "./lib/interruption/stage-jobs.ts";
import { isRecord } from "./lib/json.ts";
import { systemClock, systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { StageJobsDependencies } from "./lib/interruption/stage-jobs.ts";

export interface StoppedStage {
  readonly stage: string;
  readonly jobName: string;
  /** Ids of the runs that were asked to stop. */
  readonly stopped: readonly string[];
  readonly refused: readonly Refusal[];
}

type StopDependencies = StageJobsDependencies & Pick<Dependencies, "now" | "sleep" | "log">;

/**
 * Stops what job runs of an execution still go on, of all jobs of its pipeline: one of its parts has failed, and nobody
 * waits for the others any more. Takes `{executionName, startedAt, stages}`: the execution's start in ISO 8601, and which
 * stages' runs, all unless given. Gives the stages that had any.
 */
export function createHandler(
  deps: StopDependencies,
): (event: unknown) => Promise<{ readonly stages: readonly StoppedStage[] }> {
  const jobs = once(() => stageJobs(deps));
  return async (event) => {
    const { wanted, ...owner } = requestIn(event);
    const among = jobs().filter(({ stage = "" }) => wanted === undefined || wanted.includes(stage));
    const sweeps = await stopAllRuns(deps, among, owner, deps.now());
    const stages = sweeps
      .filter(({ stopped, refused }) => stopped.length + refused.length > 0)
      .map(({ job: { stage = "", jobName }, stopped, refused }) => ({ stage, jobName, stopped, refused }));
    deps.log({ level: "INFO", message: "stopped", executionName: owner.executionName, stages });
    return { stages };
  };
}

export const handler = createHandler({
  glue: createGlueJobRuns(),
  lambda: createLambda(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
  log: systemLog,
});

interface StopRequest extends RunOwner {
  readonly wanted: readonly unknown[] | undefined;
}

function requestIn(event: unknown): StopRequest {
  const { executionName, startedAt, stages } = isRecord(event) ? event : {};
  if (typeof executionName !== "string" || executionName === "") throw wrong("executionName", "a name", executionName);
  // Without a start all runs of the jobs are looked through.
  const begun = typeof startedAt === "string" ? Date.parse(startedAt) : 0;
  if (Number.isNaN(begun)) throw wrong("startedAt", "a time in ISO 8601", startedAt);
  if (stages !== undefined && !Array.isArray(stages)) throw wrong("stages", "a list of stages' names", stages);
  return { executionName, startedAt: begun, wanted: stages };
}

function wrong(field: string, allowed: string, got: unknown): Error {
  return new Error(`${field} must be ${allowed}, got ${got === undefined ? "nothing" : JSON.stringify(got)}`);
}
