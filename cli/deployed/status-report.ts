import type { DescribeExecutionOutput, HistoryEvent } from "@aws-sdk/client-sfn";
import { at, parsed, textAt } from "../run/json.ts";
import { describeError } from "../run/outcome.ts";
import { rowCounts, type RowCounts } from "../run/row-counts.ts";
import { type DispatchFailure, type QueueLevel } from "./failure-queue.ts";
import { jobRunIn } from "./history.ts";
import type { LedgerStatus } from "./ledger-status.ts";

/** A file that is on its way. */
export interface RunningFile {
  readonly bucket?: string;
  readonly key?: string;
  readonly executionName: string;
  readonly startDate: string;
  /** The state that the execution is in. */
  readonly state?: string;
  readonly jobRun?: SeenJobRun;
}

export interface SeenJobRun {
  readonly Id: string;
  readonly JobRunState?: string;
}

/** A file that has come to its end. */
export interface EndedFile extends RowCounts {
  readonly bucket?: string;
  readonly key?: string;
  readonly executionName: string;
  readonly status: string;
  readonly outcome: "succeeded" | "failed" | "rejected";
  readonly reason?: string;
  readonly attempts?: number;
  readonly startDate: string;
  readonly stopDate: string;
}

/** What `npm run status -- --json` prints. */
export interface StatusReport {
  readonly stack: string;
  readonly mode: string;
  /** How many files are on their way; counted up to a thousand. */
  readonly runningCount: number;
  /** The newest of them. */
  readonly running: readonly RunningFile[];
  /** The last ones that ended, the newest first. */
  readonly ended: readonly EndedFile[];
  /** The last ones that failed, the newest first; some may be among the above. */
  readonly failed: readonly EndedFile[];
  /** Where files wait in a queue. */
  readonly ledger?: LedgerStatus;
  readonly failureQueue: QueueLevel & {
    /** When the oldest message that was seen was sent. */
    readonly oldest?: string;
    /** Files that no execution was started for. */
    readonly undispatched: readonly {
      readonly bucket: string;
      readonly key: string;
      readonly functionName: string;
      readonly reason: string;
    }[];
  };
}

export interface ExecutionState {
  readonly state?: string;
  readonly jobRun?: SeenJobRun;
}

/** Looks for what an execution is at, from the end of its history towards its start. */
export class StateSearch {
  #state: string | undefined;
  #jobRun: SeenJobRun | undefined;

  /** What was found, once nothing is missing. */
  take(event: HistoryEvent): ExecutionState | undefined {
    this.#state ??= event.stateEnteredEventDetails?.name;
    const output = event.taskSucceededEventDetails?.output ?? event.lambdaFunctionSucceededEventDetails?.output;
    if (this.#jobRun === undefined && output !== undefined) this.#jobRun = jobRunSeenIn(parsed(output));
    return this.#state !== undefined && this.#jobRun !== undefined ? this.found : undefined;
  }

  get found(): ExecutionState {
    return {
      ...(this.#state === undefined ? {} : { state: this.#state }),
      ...(this.#jobRun === undefined ? {} : { jobRun: this.#jobRun }),
    };
  }
}

/** A look at a run tells its state; a start alone tells which one it is. */
function jobRunSeenIn(output: unknown): SeenJobRun | undefined {
  const run = jobRunIn(output);
  if (run?.Id !== undefined) {
    return { Id: run.Id, ...(run.JobRunState === undefined ? {} : { JobRunState: run.JobRunState }) };
  }
  const started = textAt(output, "JobRunId");
  return started === undefined ? undefined : { Id: started };
}

export function runningFile(execution: DescribeExecutionOutput, state: ExecutionState): RunningFile {
  return {
    ...fileOf(execution),
    executionName: execution.name ?? "",
    startDate: execution.startDate?.toISOString() ?? "",
    ...state,
  };
}

export function endedFile(execution: DescribeExecutionOutput, summary: string | undefined): EndedFile {
  const { name = "", status = "", startDate, stopDate, error, cause } = execution;
  // What failed has no output on AWS, whatever an emulator gives.
  const output = status === "SUCCEEDED" ? parsed(execution.output) : undefined;
  const told = textAt(output, "outcome");
  const outcome = status !== "SUCCEEDED" || told === "failed" ? "failed" : told === "rejected" ? told : "succeeded";
  const reason = status === "SUCCEEDED" ? textAt(output, "reason") : describeError(error ?? status, cause);
  const attempts = at(output, "attempts");
  return {
    ...fileOf(execution),
    executionName: name,
    status,
    outcome,
    ...(reason === undefined || outcome === "succeeded" ? {} : { reason }),
    ...(typeof attempts === "number" ? { attempts } : {}),
    ...rowCounts(summary),
    startDate: startDate?.toISOString() ?? "",
    stopDate: stopDate?.toISOString() ?? "",
  };
}

/** An execution that was started by hand may have any input. */
function fileOf({ input }: DescribeExecutionOutput): { readonly bucket?: string; readonly key?: string } {
  const file = at(parsed(input), "arguments");
  const bucket = textAt(file, "bucket");
  const key = textAt(file, "key");
  return { ...(bucket === undefined ? {} : { bucket }), ...(key === undefined ? {} : { key }) };
}

export const undispatchedIn = (failures: readonly DispatchFailure[]): StatusReport["failureQueue"]["undispatched"] =>
  failures.flatMap(({ functionName, error, message, objects }) =>
    objects.map(({ bucket, key }) => ({ bucket, key, functionName, reason: describeError(error, message) })),
  );
