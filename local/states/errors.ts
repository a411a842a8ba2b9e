import { StatesError } from "./machine.ts";

/** Ends the execution, whatever Retry and Catch say: States.Runtime. */
export class FatalError extends StatesError {}

/** A branch's or an iteration's error, by its own name; `States.BranchFailed` names it, too. */
export class BranchError extends StatesError {}

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

/** Errors that the wildcards do not stand for. */
const UNMATCHED_BY_WILDCARDS = new Set(["States.Runtime", "States.DataLimitExceeded"]);

/** Whether a retrier's or catcher's ErrorEquals stands for an error. */
export function matchesError(errorEquals: readonly string[], error: StatesError): boolean {
  return !(error instanceof FatalError) && errorEquals.some((name) => matchesName(name, error));
}

function matchesName(name: string, error: StatesError): boolean {
  if (name === error.name) return true;
  switch (name) {
    case "States.ALL":
      return !UNMATCHED_BY_WILDCARDS.has(error.name);
    case "States.TaskFailed":
      return error.name !== "States.Timeout" && !UNMATCHED_BY_WILDCARDS.has(error.name);
    case "States.Timeout":
      return error.name === "States.HeartbeatTimeout";
    case "States.BranchFailed":
      return error instanceof BranchError;
    default:
      return false;
  }
}
