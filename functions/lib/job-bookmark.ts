import type { JobBookmarkEntry } from "@aws-sdk/client-glue";
import { JobFailure } from "./glue-error.ts";
import { isRecord } from "./json.ts";

/** What a job has read already, as its runs have left it. */
export interface JobBookmark extends BookmarkOfRun {
  /** Grows with each change; a change rests on the version that it has seen. */
  readonly version: number;
  /** How many runs have moved it. */
  readonly run: number;
  /** As it was before that run. */
  readonly previous?: BookmarkOfRun;
}

interface BookmarkOfRun {
  /** The run that has left it so; absent where none has, or where it was reset. */
  readonly runId?: string;
  readonly attempt?: number;
  /** JSON of what the run's script says it has read. */
  readonly state?: string;
}

type Arguments = Readonly<Record<string, string>>;

/** Its item has to fit DynamoDB's 400 KB, twice: as it is and as it was. */
const maxStateBytes = 150_000;

/** Whether runs read from the job's bookmark on, and whether they move it. */
export function bookmarkUse(args: Arguments): { readonly reads: boolean; readonly moves: boolean } {
  const option = args["--job-bookmark-option"] ?? "job-bookmark-disable";
  const moves = option === "job-bookmark-enable";
  return { reads: moves || option === "job-bookmark-pause", moves };
}

/**
 * What a run is told of what was read. A run whose work is done again, since nobody knows whether it was, is told what it
 * was told the first time.
 */
export function stateFor(bookmark: JobBookmark | undefined, runId: string): unknown {
  const state = bookmark?.runId === runId ? bookmark.previous?.state : bookmark?.state;
  return state === undefined ? {} : JSON.parse(state);
}

/** The bookmark that a run leaves which has succeeded, if it says what it has read. */
export function movedBy(
  answer: unknown,
  seen: JobBookmark | undefined,
  { Id, Attempt }: { readonly Id: string; readonly Attempt: number },
): JobBookmark | undefined {
  if (!isRecord(answer) || !isRecord(answer.Bookmark)) return undefined;
  const state = JSON.stringify(answer.Bookmark);
  const bytes = Buffer.byteLength(state);
  if (bytes > maxStateBytes) {
    throw new JobFailure(`The job's bookmark must have ${maxStateBytes} bytes at most, got ${bytes}`);
  }
  const { version = 0, run = 0, runId, attempt, state: before, previous } = seen ?? {};
  const isRepeated = runId === Id;
  return {
    version: version + 1,
    run: isRepeated ? run : run + 1,
    runId: Id,
    attempt: Attempt,
    state,
    previous: isRepeated ? (previous ?? {}) : ofRun(runId, attempt, before),
  };
}

/** The bookmark as it was after a run, or as it is before any; nothing where the run is not remembered. */
export function resetTo(bookmark: JobBookmark, runId: string | undefined): JobBookmark | undefined {
  const next = { version: bookmark.version + 1, run: bookmark.run };
  if (runId === undefined) return { ...next, run: 0 };
  if (runId === bookmark.runId) return { ...bookmark, ...next };
  return bookmark.previous?.runId === runId ? { ...next, ...bookmark.previous } : undefined;
}

/** The bookmark as the API tells it. */
export function bookmarkEntry(JobName: string, bookmark: JobBookmark): JobBookmarkEntry {
  const { version, run, attempt, runId, state, previous } = bookmark;
  return {
    JobName,
    Version: version,
    Run: run,
    Attempt: attempt ?? 0,
    ...(previous?.runId !== undefined && { PreviousRunId: previous.runId }),
    ...(runId !== undefined && { RunId: runId }),
    JobBookmark: state ?? "{}",
  };
}

/** Of two runs that have read from one place of the bookmark on, only one may move it. */
export function versionMismatch(expected: number, found: number): string {
  return (
    `VersionMismatchException: another run has moved the job's bookmark, to version ${found} from ${expected}: ` +
    "a job with a bookmark needs MaxConcurrentRuns of 1"
  );
}

function ofRun(runId: string | undefined, attempt: number | undefined, state: string | undefined): BookmarkOfRun {
  return {
    ...(runId !== undefined && { runId }),
    ...(attempt !== undefined && { attempt }),
    ...(state !== undefined && { state }),
  };
}
