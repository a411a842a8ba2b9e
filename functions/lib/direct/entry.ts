import type { ExecutionInput, LandedFile } from "../execution-input.ts";

/** What is to be done next for a file; the steps go by the names of the state machine's states. */
export type Step = "StartJobRun" | "GetJobRun" | "StopJobRun" | "KeepFailure" | "Notify" | "Done";

/** What was last seen of a job run. */
export interface JobRunSummary {
  readonly Id: string;
  readonly JobRunState: string;
  /** Seconds. */
  readonly ExecutionTime: number;
  readonly ErrorMessage: string;
}

/** What came of a file: field by field what the state machine's result is. */
export interface Result {
  /** Superseded: a newer version of its key came before it, where the order of versions counts. */
  readonly outcome: "succeeded" | "failed" | "rejected" | "superseded";
  readonly file: LandedFile;
  readonly executionName: string;
  readonly jobName?: string;
  readonly attempts?: number;
  readonly jobRun?: JobRunSummary;
  readonly jobRunId?: string;
  readonly output?: { readonly bucket: string; readonly prefix: string };
  readonly reason?: string;
  readonly error?: string;
  readonly cause?: string;
  /** All that a replay needs. */
  readonly input?: ExecutionInput;
  readonly stopJobRunError?: string;
  readonly keepFailureError?: string;
  readonly notificationError?: string;
}

/** All that is remembered of a file on its way. Times are milliseconds since the epoch. */
export interface Entry {
  /** The file's identity: `executionName` of its object version. */
  readonly name: string;
  readonly input: ExecutionInput;
  readonly step: Step;
  /** Counts the job's runs for this file, from 1. */
  readonly attempt: number;
  /** How often each retrier of the step has been used up to now. */
  readonly tries: readonly number[];
  /** Someone is starting a run, and is given up for dead at this time. */
  readonly claimedUntil: number;
  /** Whether a run of this attempt may be under way that nobody has noted. */
  readonly mayHaveStarted: boolean;
  readonly jobRunId?: string | undefined;
  readonly runStartedAt?: number | undefined;
  readonly result?: Result;
  /** Messages of earlier turns have been overtaken. */
  readonly turn: number;
  /** When the file is to be taken on. */
  readonly due: number;
  readonly createdAt: number;
  /** Counts the changes. */
  readonly version: number;
}

/** A file that nobody has taken on yet. */
export function newEntry(name: string, input: ExecutionInput, now: number): Entry {
  return {
    name,
    input,
    step: "StartJobRun",
    attempt: 1,
    tries: [],
    claimedUntil: 0,
    mayHaveStarted: false,
    turn: 0,
    due: now,
    createdAt: now,
    version: 0,
  };
}
