import { verdictOnEntry } from "./batches.ts";
import { parsed, textAt } from "./json.ts";
import type { ExecutionRecord, Subject } from "./records.ts";

/** `running`: nobody has waited for its end. */
export type Outcome = "succeeded" | "failed" | "rejected" | "ignored" | "running";

/** What came of a file, and why if it did not succeed. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: string;
  /** The stage that failed, where the pipeline has stages. */
  readonly stage?: string;
}

export function verdictOn(subject: Subject): Verdict {
  if (subject.execution !== undefined) return verdictOnExecution(subject.execution);
  if ("upload" in subject && subject.entry !== undefined) return verdictOnEntry(subject.entry);
  if ("ignored" in subject) return { outcome: "ignored", reason: subject.ignored };
  const failure = subject.functionFailures.at(-1);
  if (failure === undefined && "unended" in subject) return { outcome: "running", reason: subject.unended };
  if (failure === undefined) return { outcome: "failed", reason: "no execution was started for it" };
  return { outcome: "failed", reason: `${failure.functionName} failed with ${failure.error}: ${failure.message}` };
}

function verdictOnExecution(execution: ExecutionRecord): Verdict {
  if (execution.status === "RUNNING") return { outcome: "running", reason: "its execution has not ended" };
  if (execution.status !== "SUCCEEDED") {
    const stage = execution.failedStage;
    const reason = describeError(execution.error ?? execution.status, execution.cause);
    return { outcome: "failed", reason, ...(stage !== undefined && { stage }) };
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
