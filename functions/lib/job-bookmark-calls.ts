import type {
  GetJobBookmarkRequest,
  GetJobBookmarkResponse,
  ResetJobBookmarkRequest,
  ResetJobBookmarkResponse,
} from "@aws-sdk/client-glue";
import { fieldsOf, jobNamed, optionalText, shown, text } from "./glue-checks.ts";
import { entityNotFound, GlueError } from "./glue-error.ts";
import { bookmarkEntry, resetTo, type JobBookmark } from "./job-bookmark.ts";
import type { JobDefinition } from "./job-definition.ts";
import type { JobRunStore } from "./job-run-store.ts";

interface BookmarkContext {
  readonly jobs: ReadonlyMap<string, JobDefinition>;
  readonly store: JobRunStore;
}

/** Departs from Glue in that the bookmark is remembered as the last run left it, and the run before that. */
export async function getJobBookmark(
  context: BookmarkContext,
  request: GetJobBookmarkRequest,
): Promise<GetJobBookmarkResponse> {
  const { jobName, runId, bookmark } = await find(context, request);
  const found = runId === undefined || runId === bookmark.runId ? bookmark : resetTo(bookmark, runId);
  if (found === undefined) throw notKept(jobName, runId);
  return { JobBookmarkEntry: bookmarkEntry(jobName, { ...found, version: bookmark.version }) };
}

/** The next run reads all again, or what came after the run that is named. */
export async function resetJobBookmark(
  context: BookmarkContext,
  request: ResetJobBookmarkRequest,
): Promise<ResetJobBookmarkResponse> {
  const { jobName, runId, bookmark } = await find(context, request);
  const next = resetTo(bookmark, runId);
  if (next === undefined) throw notKept(jobName, runId);
  if (!(await context.store.moveBookmark(jobName, bookmark.version, next))) {
    throw new GlueError("OperationTimeoutException", `A run has moved the bookmark of ${jobName} meanwhile`);
  }
  return { JobBookmarkEntry: bookmarkEntry(jobName, next) };
}

async function find(
  { jobs, store }: BookmarkContext,
  request: GetJobBookmarkRequest,
): Promise<{ readonly jobName: string; readonly runId: string | undefined; readonly bookmark: JobBookmark }> {
  const fields = fieldsOf(request, ["JobName", "RunId"]);
  const job = jobNamed(jobs, text(fields, "JobName"), "Job not found");
  const bookmark = await store.bookmark(job.Name);
  if (bookmark === undefined) throw entityNotFound(`Continuation for job ${job.Name} not found`);
  return { jobName: job.Name, runId: optionalText(fields, "RunId"), bookmark };
}

function notKept(jobName: string, runId: string | undefined): GlueError {
  return entityNotFound(`The bookmark of ${jobName} is not kept as run ${shown(runId)} has left it`);
}
