import { StatesError } from "./machine.ts";

/** A branch's or an iteration's error, by its own name; `States.BranchFailed` names it, too. */
export class BranchError extends StatesError {}

/** An expression that failed, or that gave what its field does not take. */
export class QueryError extends StatesError {
  /** Whether the history tells of it. */
  isRecorded = false;

  constructor(
    readonly field: string,
    problem: string,
  ) {
    super("States.QueryEvaluationError", `The field ${field} cannot be evaluated: ${problem}`);
  }
}

/** Ends a thread from outside: the execution was stopped or timed out, or a sibling branch failed. */
export class Interruption extends Error {
  constructor(
    readonly status: "ABORTED" | "TIMED_OUT" | "SIBLING_FAILED",
    readonly error?: string,
    override readonly cause?: string,
  ) {
    super(status);
  }
}

/** Whether a thread ended because the one next to it failed; the history tells of that, not of stops and time-outs. */
export const isSiblingFailed = (error: unknown): boolean =>
  error instanceof Interruption && error.status === "SIBLING_FAILED";

/** Whether a retrier's or catcher's ErrorEquals stands for an error. */
export function matchesError(errorEquals: readonly string[], error: StatesError): boolean {
  // It always ends the execution, whatever Retry and Catch say.
  if (error.name === "States.Runtime") return false;
  if (errorEquals.includes(error.name)) return true;
  return error.name !== "States.DataLimitExceeded" && errorEquals.some((name) => isWildcardFor(name, error));
}

function isWildcardFor(name: string, error: StatesError): boolean {
  switch (name) {
    case "States.ALL":
      return true;
    case "States.TaskFailed":
      return error.name !== "States.Timeout";
    case "States.Timeout":
      return error.name === "States.HeartbeatTimeout";
    case "States.BranchFailed":
      return error instanceof BranchError;
    default:
      return false;
  }
}
