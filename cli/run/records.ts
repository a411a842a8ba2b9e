import type { JobRun } from "@aws-sdk/client-glue";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";

/** A file on its way: where it comes from and where it is put. */
export interface Upload {
  /** As the person gave it. */
  readonly file: string;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}

/** An execution that a person starts, without a file. */
export interface Start {
  readonly stateMachineArn: string;
  /** Of the execution. */
  readonly name: string;
  readonly input: unknown;
}

/** What a person follows: a file, or an execution that was started without one. */
export type Subject = FileRecord | StartRecord;

/** An execution, as far as it has come. */
export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly input: unknown;
  readonly startDate: number;
  stopDate?: number;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  output?: unknown;
  error?: string;
  cause?: string;
  /** The stage that it failed in, where its messages name one. */
  failedStage?: string;
  /** The stage that its last decision led to, where it has made any. */
  branch?: string;
  /** Those of its children included. */
  transitions: number;
  /** By run id, in the order they were started, those of its children included; undefined until the run was looked at. */
  readonly jobRuns: Map<string, JobRun | undefined>;
  /** Children of its distributed maps, by the map's label: there may be thousands, so they are only counted. */
  readonly children: Map<string, Children>;
}

/** Executions that are summed up. */
export interface Children {
  started: number;
  succeeded: number;
  failed: number;
  /** How long each express execution took, in milliseconds: what they are charged by. */
  readonly expressDurations: number[];
}

export const noChildren = (): Children => ({ started: 0, succeeded: 0, failed: 0, expressDurations: [] });

/** What is known of an uploaded file. */
export interface FileRecord {
  readonly upload: Upload;
  uploadedAt?: number;
  /** Why no notification was sent. */
  ignored?: string;
  /** The last one that was started for it. */
  execution?: ExecutionRecord;
  /** What the ledger of a queue knows of it in the end. */
  entry?: FileEntry;
  /** Why its end is not known, where nobody has waited for it. */
  unended?: string;
  /** Failures of functions that were called for it. */
  readonly functionFailures: FunctionFailure[];
}

/** What is known of an execution that was started without a file, or for many. */
export interface StartRecord {
  readonly start: Start;
  execution?: ExecutionRecord;
  readonly functionFailures: FunctionFailure[];
}

interface FunctionFailure {
  readonly functionName: string;
  readonly error: string;
  readonly message: string;
}

/** Since when its time is told, in milliseconds; undefined: it has not begun. */
export const beginOf = (subject: Subject): number | undefined =>
  "upload" in subject ? subject.uploadedAt : subject.execution?.startDate;

/** The runs of an execution that were looked at. */
export const runsOf = ({ jobRuns }: Pick<ExecutionRecord, "jobRuns">): readonly JobRun[] =>
  [...jobRuns.values()].filter((run) => run !== undefined);

export const isExpress = (executionArn: string): boolean => executionArn.split(":")[5] === "express";

/** The machine's part of an execution's ARN: `csv`, or `csv/Send` of a child of the map `Send`. */
export const machineOf = (executionArn: string): string => executionArn.split(":")[6] ?? "";

/** The label of the distributed map that an execution is a child of. */
export const mapLabelOf = (executionArn: string): string | undefined => machineOf(executionArn).split("/")[1];

/** What a person calls an execution: the names of batches are long, and nobody has given them. */
export const nameOfStart = ({ start: { name } }: StartRecord): string =>
  /^batch-[0-9a-f]{64}$/.test(name) ? `${name.slice(0, 14)}…` : name;
