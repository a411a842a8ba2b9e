import type { GlueCalls } from "../aws.ts";
import type { JobRunSummary } from "./entry.ts";

/** A call that did not succeed, under the name that Step Functions reports for it. */
export class CallError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }

  /** Whether the answer tells that nothing was done. Any other failure of a start may leave a run behind. */
  get isRefusal(): boolean {
    return refusals.has(this.name.slice(this.name.indexOf(".") + 1));
  }
}

const refusals: ReadonlySet<string> = new Set([
  "ConcurrentRunsExceededException",
  "ResourceNumberLimitExceededException",
  "ThrottlingException",
  "InvalidInputException",
  "EntityNotFoundException",
  "AccessDeniedException",
  "TooManyRequestsException",
]);

export interface JobRuns {
  readonly start: (args: Record<string, string>) => Promise<string>;
  readonly look: (runId: string) => Promise<JobRunSummary>;
  /** Asks a run to stop; gives why it could not be, if it could not. */
  readonly stop: (runId: string) => Promise<string | undefined>;
  /** The run that was started with these arguments, if there is one not older than a time. */
  readonly find: (args: Readonly<Record<string, string>>, since: number) => Promise<FoundRun | undefined>;
}

export interface FoundRun {
  readonly runId: string;
  /** Undefined of a run that has not begun yet. */
  readonly startedAt: number | undefined;
}

/** Clocks of two machines may be that far apart. */
const clockSkewMs = 5 * 60_000;

/** The runs of one job. Every failure is a CallError. */
export function createJobRuns(calls: GlueCalls, JobName: string): JobRuns {
  return {
    start: (Arguments) =>
      reported(async () => {
        const { JobRunId } = await calls.startJobRun({ JobName, Arguments });
        if (JobRunId === undefined) throw new Error("StartJobRun answered without a JobRunId");
        return JobRunId;
      }),
    look: (RunId) =>
      reported(async () => {
        const { JobRun: run } = await calls.getJobRun({ JobName, RunId });
        return {
          Id: run?.Id ?? RunId,
          JobRunState: run?.JobRunState ?? "UNKNOWN",
          ExecutionTime: run?.ExecutionTime ?? 0,
          ErrorMessage: run?.ErrorMessage ?? "",
        };
      }),
    stop: (runId) =>
      reported(async () => {
        const { Errors = [] } = await calls.batchStopJobRun({ JobName, JobRunIds: [runId] });
        const told = Errors.map(
          ({ ErrorDetail: detail }) => `${detail?.ErrorCode ?? ""}: ${detail?.ErrorMessage ?? ""}`,
        );
        return told.length === 0 ? undefined : told.join("; ");
      }),
    find: (args, since) => reported(() => findRun(calls, JobName, args, since - clockSkewMs)),
  };
}

/** As many runs as one answer can hold. */
const mostInPage = 200;

/** Runs come newest first, so the search ends at the first that is too old. */
async function findRun(
  calls: GlueCalls,
  JobName: string,
  args: Readonly<Record<string, string>>,
  since: number,
): Promise<FoundRun | undefined> {
  let token: string | undefined;
  do {
    const page = await calls.getJobRuns({
      JobName,
      MaxResults: mostInPage,
      ...(token !== undefined && { NextToken: token }),
    });
    for (const { Id, StartedOn, Arguments } of page.JobRuns ?? []) {
      // The simulation's answers are JSON, and their times text.
      const startedAt = StartedOn === undefined ? undefined : new Date(StartedOn).getTime();
      if (startedAt !== undefined && startedAt < since) return undefined;
      const isSame = Object.entries(args).every(([name, value]) => Arguments?.[name] === value);
      if (isSame && Id !== undefined) return { runId: Id, startedAt };
    }
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  return undefined;
}

/** Gives what a call throws the name under which Step Functions reports it. */
export async function reported<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CallError) throw error;
    if (!(error instanceof Error)) throw new CallError("Glue.SdkClientException", String(error));
    const name = /Exception$|Throttled$/.test(error.name) ? error.name : "SdkClientException";
    throw new CallError(name.includes(".") ? name : `Glue.${name}`, error.message);
  }
}
