import { isRecord } from "./json.ts";
import type { RunOutcome } from "./job-run.ts";

/** What a stand-in answers that runs the job's own script: how that ended, or that it has not yet. */
export type MeasuredWork = { readonly outcome: RunOutcome } | { readonly pending: true };

/** Tells it from the answers of stand-ins that do the work themselves. */
export function isMeasuredWork(answer: unknown): answer is MeasuredWork {
  return isRecord(answer) && (answer.pending === true || isRecord(answer.outcome));
}
