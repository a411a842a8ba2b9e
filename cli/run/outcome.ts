import { parsed, textAt } from "./json.ts";
import type { ExecutionRecord, FileRecord } from "./ledger.ts";

/** `running`: nobody has waited for its end. */
export type Outcome = "succeeded" | "failed" | "rejected" | "ignored" | "running";

/** What came of a file, and why if it did not succeed. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: string;
}

export function verdictOn(file: FileRecord): Verdict {
  if (file.execution !== undefined) return verdictOnExecution(file.execution);
  if (file.ignored !== undefined) return { outcome: "ignored", reason: file.ignored };
  const failure = file.functionFailures.at(-1);
  if (failure === undefined) return { outcome: "failed", reason: "no execution was started for it" };
  return { outcome: "failed", reason: `${failure.functionName} failed with ${failure.error}: ${failure.message}` };
}

function verdictOnExecution(execution: ExecutionRecord): Verdict {
  if (execution.status === "RUNNING") return { outcome: "running", reason: "its execution has not ended" };
  if (execution.status !== "SUCCEEDED") {
    return { outcome: "failed", reason: describeError(execution.error ?? execution.status, execution.cause) };
  }
  const reason = textAt(execution.output, "reason");
  const told = textAt(execution.output, "outcome");
  const outcome = told === "rejected" || told === "failed" ? told : "succeeded";
  return { outcome, ...(reason === undefined || outcome === "succeeded" ? {} : { reason }) };
}

/** An error and its cause in one line. The cause of a failed function or job is JSON that holds the message. */
export function describeError(error: string, cause: string | undefined): string {
  const content = parsed(cause);
  const message = textAt(content, "errorMessage") ?? textAt(content, "ErrorMessage") ?? cause ?? "";
  const firstLine = message.split("\n")[0] ?? "";
  return firstLine === "" ? error : `${error}: ${firstLine}`;
}
