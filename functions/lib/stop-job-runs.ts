import type { BatchStopJobRunError, BatchStopJobRunRequest, BatchStopJobRunResponse } from "@aws-sdk/client-glue";
import { fieldsOf, text, texts } from "./glue-checks.ts";
import { invalidInput, runNotFound } from "./glue-error.ts";
import { canBeStopped, stoppedAt } from "./job-run.ts";
import { slotOf } from "./run-slots.ts";
import type { GlueError } from "./glue-error.ts";
import type { JobRunRecord } from "./job-run.ts";
import type { JobRunStore } from "./job-run-store.ts";

interface StopContext {
  readonly store: JobRunStore;
  readonly now: () => number;
}

/** Asks runs of one job to stop; each is answered by itself. */
export async function batchStopJobRun(
  context: StopContext,
  request: BatchStopJobRunRequest,
): Promise<BatchStopJobRunResponse> {
  const fields = fieldsOf(request, ["JobName", "JobRunIds"]);
  // A job that there is not has no runs: the API has no error of its own for it here.
  const JobName = text(fields, "JobName");
  const SuccessfulSubmissions = [];
  const Errors: BatchStopJobRunError[] = [];
  for (const JobRunId of texts(fields, "JobRunIds", 25)) {
    const error = await stopRun(context, JobName, JobRunId);
    if (error === undefined) SuccessfulSubmissions.push({ JobName, JobRunId });
    else Errors.push({ JobName, JobRunId, ErrorDetail: { ErrorCode: error.name, ErrorMessage: error.message } });
  }
  return { SuccessfulSubmissions, Errors };
}

async function stopRun({ store, now }: StopContext, JobName: string, Id: string): Promise<GlueError | undefined> {
  const run = await store.get({ JobName, Id });
  if (run === undefined) return runNotFound(JobName, Id);
  const at = now();
  if (!canBeStopped(run, at)) return cannotStop(run);
  if (run.stopRequestedAt !== undefined) return undefined;
  if (!(await store.requestStop(run, at))) {
    const changed = await store.get(run);
    return changed?.stopRequestedAt === undefined ? cannotStop(run) : undefined;
  }
  // A run that waited gives its place back for the time after the run it waited for.
  const until = Math.max(run.beginsAt, stoppedAt(run, at));
  await store.release(JobName, slotOf(run), until);
  return undefined;
}

function cannotStop({ Id }: JobRunRecord): GlueError {
  return invalidInput(`Job run ${Id} cannot be stopped any more: it has come to its end`);
}
