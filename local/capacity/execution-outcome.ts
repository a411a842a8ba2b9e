import { UNEVALUATED } from "./flow/worked.ts";
import type { EndEffect } from "./flow.ts";
import { CapacityError } from "./program.ts";
import type { FileOutcome } from "./tally.ts";

/** What an execution came to. */
export type ExecutionEnd = Pick<EndEffect, "status" | "outcome" | "error" | "cause">;

/** The end of one that came to none by itself. */
export const failed = (error: string): ExecutionEnd => ({ status: "FAILED", error });

/**
 * How an execution's files have ended: as its output tells, or else as the execution has. Throws CapacityError where it
 * could not go on for want of an answer that no simulation knows: all others would fail for nothing like it.
 */
export const outcomeOf = ({ status, outcome, error, cause = "" }: ExecutionEnd): FileOutcome => {
  if (error === UNEVALUATED) {
    throw new CapacityError(
      `executions fail with ${error}: ${cause}. What a function or a service answers is not simulated: ` +
        "where a state reads more of it than that there is one, simulate the program without that state",
    );
  }
  if (outcome === "succeeded" || outcome === "failed" || outcome === "rejected") return outcome;
  return status === "SUCCEEDED" ? "succeeded" : "failed";
};
