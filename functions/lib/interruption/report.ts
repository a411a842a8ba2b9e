import type { JobRun } from "@aws-sdk/client-glue";
import { isRecord } from "../json.ts";
import type { Sweep } from "./job-runs-of-execution.ts";
import type { StatusChange } from "./status-change.ts";

/** What the failure queue and the results topic are told, in the shape that the state machine uses for failures. */
export interface FailureReport {
  readonly outcome: "failed";
  /** The event's arguments, where the execution was given such. */
  readonly file?: unknown;
  readonly executionName: string;
  /** Of a pipeline with stages: the one whose run is the latest. */
  readonly stage?: string;
  /** The job of the latest run. */
  readonly jobName?: string;
  /** Runs that the file has had of this job. */
  readonly attempts: number;
  /** The latest run. */
  readonly jobRun?: Readonly<Record<string, unknown>>;
  readonly error: string;
  readonly cause: string;
  /** For a replay from the beginning. */
  readonly input?: unknown;
  /** For one that goes on from the stage at which the execution was interrupted. */
  readonly replay?: unknown;
}

export interface ReportArgs {
  readonly change: StatusChange;
  /** JSON: the execution's input. */
  readonly input: string;
  /** One for each job. */
  readonly sweeps: readonly Sweep[];
  readonly replay?: unknown;
}

/** A little less than SNS takes. */
const mostBytes = 250 * 1024;

/** `Execution.ABORTED` and `Execution.TIMED_OUT`, or what an execution failed with that could not report it. */
export function failureReport({ change, input, sweeps, replay }: ReportArgs): FailureReport {
  const { name: executionName, status } = change;
  const given = JSON.parse(input) as unknown;
  const report = {
    outcome: "failed",
    executionName,
    ...latestOf(sweeps),
    error: status === "FAILED" ? (change.error ?? "Execution.FAILED") : `Execution.${status}`,
    cause: [`Execution ${executionName} was ${status}${reasonOf(change)}`, ...sweeps.flatMap(whatBecameOf)].join("; "),
  } as const satisfies FailureReport;
  // The file is a part of the input.
  const whole = { ...report, ...fileIn(given), input: given, ...(replay !== undefined && { replay }) };
  if (Buffer.byteLength(JSON.stringify(whole)) <= mostBytes) return whole;
  return { ...report, cause: `${report.cause}; its input is too long for a message: DescribeExecution has it` };
}

function fileIn(input: unknown): { readonly file?: unknown } {
  return isRecord(input) && isRecord(input.arguments) ? { file: input.arguments } : {};
}

type Latest = Pick<FailureReport, "stage" | "jobName" | "attempts" | "jobRun">;

/** Of the job that was started last; of the only one, started or not. */
function latestOf(sweeps: readonly Sweep[]): Latest {
  const [only, ...others] = sweeps;
  const begun = sweeps.filter(({ runs }) => runs.length > 0);
  const latest = others.length === 0 ? only : begun.sort((a, b) => newestIn(b) - newestIn(a))[0];
  if (latest === undefined) return { attempts: 0 };
  const { jobName, stage } = latest.job;
  return {
    ...(stage !== undefined && { stage }),
    jobName,
    attempts: attemptsOf(latest.runs),
    ...summaryOf(latest.runs),
  };
}

function newestIn({ runs: [newest] }: Sweep): number {
  return newest?.StartedOn === undefined ? Infinity : new Date(newest.StartedOn).getTime();
}

function attemptsOf(runs: readonly JobRun[]): number {
  return Math.max(0, ...runs.map((run) => Number(run.Arguments?.["--attempt"] ?? "1")));
}

function summaryOf([run]: readonly JobRun[]): Pick<FailureReport, "jobRun"> {
  if (run === undefined) return {};
  const { Id, JobRunState, ExecutionTime = 0, ErrorMessage = "" } = run;
  return { jobRun: { Id, JobRunState, ExecutionTime, ErrorMessage } };
}

/** Who stops an execution may say why. */
function reasonOf({ error = "", cause = "" }: StatusChange): string {
  const said = [error, cause].filter((text) => text !== "");
  return said.length === 0 ? "" : `: ${said.join(": ")}`;
}

function whatBecameOf({ job: { stage }, stopped, refused }: Sweep): readonly string[] {
  const of = stage === undefined ? "" : ` of ${stage}`;
  return [
    ...(stopped.length === 0 ? [] : [`stopped ${stopped.join(", ")}${of}`]),
    ...refused.map(({ id, reason }) => `could not stop ${id}${of}: ${reason}`),
  ];
}
