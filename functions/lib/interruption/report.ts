import type { JobRun } from "@aws-sdk/client-glue";
import { isRecord } from "../json.ts";
import type { Refusal } from "./job-runs-of-execution.ts";
import type { StatusChange } from "./status-change.ts";

/** What the failure queue and the results topic are told, in the shape that the state machine uses for failures. */
export interface FailureReport {
  readonly outcome: "failed";
  /** The event's arguments, where the execution was given such. */
  readonly file?: unknown;
  readonly executionName: string;
  readonly jobName: string;
  /** Runs that the file has had. */
  readonly attempts: number;
  /** The latest run. */
  readonly jobRun?: Readonly<Record<string, unknown>>;
  readonly error: string;
  readonly cause: string;
  /** For a replay. */
  readonly input?: unknown;
}

export interface ReportArgs {
  readonly change: StatusChange;
  /** JSON: the execution's input. */
  readonly input: string;
  readonly jobName: string;
  /** Newest first. */
  readonly runs: readonly JobRun[];
  readonly stopped: readonly string[];
  readonly refused: readonly Refusal[];
}

/** A little less than SNS takes. */
const mostBytes = 250 * 1024;

/** `Execution.ABORTED` and `Execution.TIMED_OUT`, or what an execution failed with that could not report it. */
export function failureReport({ change, input, jobName, runs, stopped, refused }: ReportArgs): FailureReport {
  const { name: executionName, status } = change;
  const given = JSON.parse(input) as unknown;
  const report = {
    outcome: "failed",
    executionName,
    jobName,
    attempts: attemptsOf(runs),
    ...latestOf(runs),
    error: status === "FAILED" ? (change.error ?? "Execution.FAILED") : `Execution.${status}`,
    cause: [`Execution ${executionName} was ${status}${reasonOf(change)}`, ...whatBecameOf(stopped, refused)].join(
      "; ",
    ),
  } as const satisfies FailureReport;
  // The file is a part of the input.
  const whole = { ...report, ...fileIn(given), input: given };
  if (Buffer.byteLength(JSON.stringify(whole)) <= mostBytes) return whole;
  return { ...report, cause: `${report.cause}; its input is too long for a message: DescribeExecution has it` };
}

function fileIn(input: unknown): { readonly file?: unknown } {
  return isRecord(input) && isRecord(input.arguments) ? { file: input.arguments } : {};
}

function attemptsOf(runs: readonly JobRun[]): number {
  return Math.max(0, ...runs.map((run) => Number(run.Arguments?.["--attempt"] ?? "1")));
}

function latestOf([run]: readonly JobRun[]): Pick<FailureReport, "jobRun"> {
  if (run === undefined) return {};
  const { Id, JobRunState, ExecutionTime = 0, ErrorMessage = "" } = run;
  return { jobRun: { Id, JobRunState, ExecutionTime, ErrorMessage } };
}

/** Who stops an execution may say why. */
function reasonOf({ error = "", cause = "" }: StatusChange): string {
  const said = [error, cause].filter((text) => text !== "");
  return said.length === 0 ? "" : `: ${said.join(": ")}`;
}

function whatBecameOf(stopped: readonly string[], refused: readonly Refusal[]): readonly string[] {
  return [
    ...(stopped.length === 0 ? [] : [`stopped ${stopped.join(", ")}`]),
    ...refused.map(({ id, reason }) => `could not stop ${id}: ${reason}`),
  ];
}
