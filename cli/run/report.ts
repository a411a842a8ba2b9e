import type { JobRun } from "@aws-sdk/client-glue";
import type { Cost } from "../../local/cost.ts";
import type { Ledger } from "./ledger.ts";
import { verdictOn, type Outcome } from "./outcome.ts";
import { runsOf, type FileRecord } from "./records.ts";

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** On disk. */
  readonly path: string;
}

/** What `npm start -- --json` prints. The same seed gives the same report, but for `wallSeconds`. */
export interface Report {
  readonly stack: string;
  readonly mode: string;
  readonly clock: string;
  readonly files: readonly {
    readonly bucket: string;
    readonly key: string;
    readonly outcome: Outcome;
    readonly reason?: string;
    /** The stage that failed. */
    readonly stage?: string;
    /** The stage that its last decision led to. */
    readonly branch?: string;
    readonly executionName?: string;
  }[];
  readonly executions: readonly {
    readonly name: string;
    readonly status: string;
    readonly startDate: string;
    readonly stopDate?: string;
    readonly input: unknown;
    readonly output?: unknown;
    readonly error?: string;
    readonly cause?: string;
    readonly transitions: number;
    readonly jobRuns: readonly JobRun[];
    /** Child executions of its distributed maps, by the map's label. */
    readonly children?: readonly ({ readonly map: string } & Counts)[];
  }[];
  /** Executions that nobody follows, beyond the first hundred. */
  readonly otherExecutions?: Counts;
  readonly objects: readonly StoredObject[];
  readonly notifications: readonly {
    readonly topic: string;
    readonly subject?: string;
    readonly message: string;
    readonly date: string;
  }[];
  readonly cost: Cost;
  readonly wallSeconds: number;
}

interface Counts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface ReportContext {
  readonly stack: string;
  readonly mode: string;
  readonly clock: string;
  readonly objects: readonly StoredObject[];
  readonly cost: Cost;
  readonly wallSeconds: number;
}

export function reportOn(ledger: Ledger, context: ReportContext): Report {
  const { stack, mode, clock, objects, cost, wallSeconds } = context;
  return {
    stack,
    mode,
    clock,
    files: fileReports(ledger),
    executions: executionReports(ledger),
    ...(ledger.others.started > 0 && { otherExecutions: countsOf(ledger.others) }),
    objects,
    notifications: ledger.notifications.map(({ topic, subject, message, at }) => ({
      topic,
      ...(subject === undefined ? {} : { subject }),
      message,
      date: iso(at),
    })),
    cost,
    wallSeconds,
  };
}

/** What came of each file. */
export function fileReports(ledger: Ledger): Report["files"] {
  return ledger.files.map((file) => ({
    bucket: file.upload.bucket,
    key: file.upload.key,
    ...verdictOn(file),
    ...(file.execution?.branch !== undefined && { branch: file.execution.branch }),
    ...executionNameOf(file),
  }));
}

/** The batch's where a file had none of its own. */
function executionNameOf({ execution, entry }: FileRecord): { readonly executionName?: string } {
  const executionName = execution?.name ?? entry?.executionName;
  return executionName === undefined ? {} : { executionName };
}

/** What is known of each execution. */
export function executionReports(ledger: Ledger): Report["executions"] {
  return ledger.executions.map(({ startDate, stopDate, jobRuns, children, ...execution }) => ({
    name: execution.name,
    status: execution.status,
    startDate: iso(startDate),
    ...(stopDate === undefined ? {} : { stopDate: iso(stopDate) }),
    input: execution.input,
    ...("output" in execution ? { output: execution.output } : {}),
    ...(execution.error === undefined ? {} : { error: execution.error }),
    ...(execution.cause === undefined ? {} : { cause: execution.cause }),
    transitions: execution.transitions,
    jobRuns: runsOf({ jobRuns }),
    ...(children.size > 0 && { children: [...children].map(([map, group]) => ({ map, ...countsOf(group) })) }),
  }));
}

const countsOf = ({ started, succeeded, failed }: Counts): Counts => ({ started, succeeded, failed });

const iso = (ms: number): string => new Date(ms).toISOString();
