import { simulatedRuns } from "../direct/simulated-calls.ts";
import { jsonFrom } from "../environment.ts";
import type { Dependencies } from "../aws.ts";
import type { OwnedJob } from "./job-runs-of-execution.ts";

/** Of each stage its job's name; of a simulated one also the functions that list and stop its runs. */
export type StageJobs = Readonly<Record<string, readonly [jobName: string, list?: string, stop?: string]>>;

export type StageJobsDependencies = Pick<Dependencies, "glue" | "lambda" | "env">;

/** The jobs of a pipeline with stages, from JOBS. Short, as all of an environment may have 4 KB. */
export function stageJobs({ glue, lambda, env }: StageJobsDependencies): readonly OwnedJob[] {
  const jobs = jsonFrom(env, "JOBS") as StageJobs;
  return Object.entries(jobs).map(([stage, [jobName, getJobRuns, batchStopJobRun]]) => ({
    stage,
    jobName,
    glue:
      getJobRuns === undefined || batchStopJobRun === undefined
        ? glue
        : simulatedRuns(lambda, { getJobRuns, batchStopJobRun }),
  }));
}
