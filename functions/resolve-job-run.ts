import type { JobRun } from "@aws-sdk/client-glue";
import { createGlueCalls } from "./clients/glue.ts";
import { createLambda } from "./clients/lambda.ts";
import { createTasks } from "./clients/step-functions.ts";
import { once } from "./lib/environment.ts";
import { isRecord } from "./lib/json.ts";
import { isSettled } from "./lib/job-run.ts";
import { tokenArgument } from "./lib/run-arguments.ts";
import { systemSleep } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import { knownJobs, withPlainErrors } from "./lib/token-runs.ts";
import type { Dependencies, GlueCalls } from "./lib/aws.ts";
import type { CallsDependencies } from "./lib/token-runs.ts";

/** `late`: nobody waits for the run any more. `not waited for`: nobody ever has by a token. */
export type Resolved = "resolved" | "late" | "not waited for";

type ResolveDependencies = CallsDependencies & Pick<Dependencies, "tasks" | "sleep" | "log">;

/** Milliseconds before each look at a run that has ended by its event but not yet by GetJobRun. */
const waits = [0, 1000, 3000];

/**
 * Ends the task that waits for a run, when Glue's event says that the run has ended: with the JobRun, however it ended,
 * as which end is worth another run is the state machine's to say. An event that comes twice, or after the task was
 * given up, finds its token closed and changes nothing.
 */
export function createHandler(deps: ResolveDependencies): (event: unknown) => Promise<{ readonly resolved: Resolved }> {
  const jobs = once(() => knownJobs(deps));
  return (event) =>
    withPlainErrors(async () => {
      const { JobName, RunId } = runIn(event);
      const { Arguments = {}, ...run } = await endedRun(jobs().callsOf(JobName), deps, { JobName, RunId });
      const taskToken = Arguments[tokenArgument];
      const resolved = taskToken === undefined ? "not waited for" : await resolve(deps.tasks, taskToken, run);
      deps.log({ level: "INFO", message: resolved, JobName, JobRunId: RunId, state: run.JobRunState });
      return { resolved };
    });
}

export const handler = createHandler({
  glueCalls: createGlueCalls(),
  lambda: createLambda(),
  tasks: createTasks(),
  env: process.env,
  sleep: systemSleep,
  log: systemLog,
});

interface NamedRun {
  readonly JobName: string;
  readonly RunId: string;
}

function runIn(event: unknown): NamedRun {
  const detail = isRecord(event) ? event.detail : undefined;
  const { jobName, jobRunId } = isRecord(detail) ? detail : {};
  if (typeof jobName === "string" && typeof jobRunId === "string") return { JobName: jobName, RunId: jobRunId };
  throw new Error(`The event's detail must have jobName and jobRunId, got ${JSON.stringify(event)}`);
}

/** The event may be ahead of what GetJobRun tells; after a while it is left to Lambda, which calls again. */
async function endedRun(calls: GlueCalls, { sleep }: ResolveDependencies, named: NamedRun): Promise<JobRun> {
  for (const wait of waits) {
    if (wait > 0) await sleep(wait);
    const { JobRun: run } = await calls.getJobRun(named);
    if (run?.JobRunState !== undefined && isSettled(run.JobRunState)) return run;
  }
  throw new Error(`The job run ${named.RunId} of ${named.JobName} has ended by its event, and goes on by GetJobRun`);
}

/** A token that is closed, or whose machine is gone, is nobody's any more. */
const closed: readonly string[] = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

async function resolve(tasks: Dependencies["tasks"], taskToken: string, run: JobRun): Promise<Resolved> {
  try {
    await tasks.sendTaskSuccess({ taskToken, output: JSON.stringify(run) });
    return "resolved";
  } catch (error) {
    if (error instanceof Error && closed.includes(error.name)) return "late";
    throw error;
  }
}
