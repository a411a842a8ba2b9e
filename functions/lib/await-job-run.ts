import type { JobRun, StartJobRunRequest } from "@aws-sdk/client-glue";
import type { Dependencies } from "./aws.ts";
import type { Glue } from "./glue.ts";
import { toJson } from "./json.ts";
import type { Json } from "./json.ts";
import { isSettled } from "./job-run.ts";
import { oftenFor, untilNextLook } from "./sync-looks.ts";

type Awaiting = Pick<Dependencies, "now" | "sleep" | "log"> & {
  readonly glue: Pick<Glue, "startJobRun" | "getJobRun" | "batchStopJobRun">;
};

/** A run whose task fails: the message is the JobRun as JSON, or says why nobody knows how the run is. */
class TaskFailed extends Error {
  override readonly name = "States.TaskFailed";

  constructor(message: string) {
    super(message);
    // A function's error is told with its stack, which would hold the message once more.
    this.stack = this.name;
  }
}

interface StartedRun {
  readonly JobName: string;
  readonly JobRunId: string;
}

/** So many looks in a row may fail. */
const maxFailedLooks = 3;

/**
 * Starts a run and waits for its end, as `glue:startJobRun.sync` does. Errors of the start pass as they are; after it
 * none may look like them, or the task would be tried again and start a second run.
 *
 * Departs from it in this: a function lives for fifteen minutes and the run's work has to fit in as well, so a run that
 * has not ended after ten is stopped, and told as it was then.
 */
export async function awaitJobRun(awaiting: Awaiting, request: StartJobRunRequest): Promise<Json<JobRun>> {
  const { glue, now, sleep, log } = awaiting;
  const startedAt = now();
  const { JobRunId = "" } = await glue.startJobRun(request);
  const started = { JobName: request.JobName ?? "", JobRunId };
  log({ level: "INFO", message: "started", ...started });
  for (let failures = 0; ;) {
    await sleep(untilNextLook(now() - startedAt));
    const isLast = now() - startedAt >= oftenFor;
    const seen = await look(awaiting, started);
    if ("problem" in seen) {
      failures += 1;
      if (failures < maxFailedLooks && !isLast) continue;
      await stop(awaiting, started);
      throw new TaskFailed(`Job run ${JobRunId} of ${started.JobName} could not be looked at: ${seen.problem}`);
    }
    failures = 0;
    if (seen.run.JobRunState === "SUCCEEDED") return toJson(seen.run);
    const hasEnded = seen.run.JobRunState !== undefined && isSettled(seen.run.JobRunState);
    if (!hasEnded && !isLast) continue;
    if (!hasEnded) await stop(awaiting, started);
    throw new TaskFailed(JSON.stringify(seen.run));
  }
}

async function look(
  { glue, log }: Awaiting,
  started: StartedRun,
): Promise<{ readonly run: JobRun } | { readonly problem: string }> {
  try {
    const { JobRun: run = {} } = await glue.getJobRun({ JobName: started.JobName, RunId: started.JobRunId });
    log({ level: "INFO", message: "looked", ...started, JobRunState: run.JobRunState });
    return { run };
  } catch (error) {
    const problem = described(error);
    log({ level: "WARN", message: "could not look", ...started, problem });
    return { problem };
  }
}

/** That it could not be stopped is not what the task failed of: the log has it. */
async function stop({ glue, log }: Awaiting, started: StartedRun): Promise<void> {
  try {
    const { Errors = [] } = await glue.batchStopJobRun({ JobName: started.JobName, JobRunIds: [started.JobRunId] });
    log({ level: "WARN", message: "gave up", ...started, errors: Errors });
  } catch (error) {
    log({ level: "ERROR", message: "could not stop", ...started, problem: described(error) });
  }
}

function described(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
