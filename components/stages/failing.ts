import { maxCauseLength } from "../pipeline-definition/awaited-run.ts";
import { taskFailure } from "../pipeline-definition/results.ts";
import { jsonata, type Assign, type Catcher } from "../state-machine/states.ts";
import { entryOf } from "./entries.ts";
import { Scope } from "./scope.ts";
import type { Stage } from "./stage.ts";

/** Where a stage that has failed for good leads. */
export interface Failing {
  /** Holds `{stage, error, cause, …}`; without its dollar sign. */
  readonly variable: string;
  /** Assigned besides, on the last way there. */
  readonly assign: Assign;
  readonly next: string;
  /** Whether the pipeline goes on: then nothing else stops what the stage has begun. */
  readonly goesOn: boolean;
}

/** The machine's own state that tells of a failure, and the variable that holds it. */
export const describeFailure = "DescribeFailure";
export const failureVariable = "failure";

/** More than this of a cause is left out where it goes through a Fail state, whose own cause holds it. */
const keptOfCause = 10_000;

/**
 * To what follows the failure, if anything does; else to the end of the execution, or of the branch or iteration that the
 * stage is in, whose Fail state hands the failure up.
 */
export const failingOf = (
  { name, result, onFailure }: { readonly name: string; readonly result: string; readonly onFailure?: Stage },
  scope: Scope,
): Failing => {
  if (onFailure !== undefined) {
    const entry = entryOf(onFailure, scope);
    return { variable: scope.own(result), assign: entry.assign, next: entry.name, goesOn: true };
  }
  if (scope.kind === "machine") {
    return { variable: failureVariable, assign: {}, next: describeFailure, goesOn: false };
  }
  const variable = Scope.working(result, "failure");
  const next = `${name} Failed`;
  scope.states[next] = {
    type: "Fail",
    error: jsonata(`$${variable}.error`),
    cause: jsonata(`$string($merge([$${variable}, {"cause": $substring($${variable}.cause, 0, ${keptOfCause})}]))`),
  };
  return { variable, assign: {}, next, goesOn: false };
};

/** A task's failure. */
export const catchTask = (stage: string, failing: Failing): Catcher<string> => ({
  errors: ["States.ALL"],
  assign: { ...failing.assign, [failing.variable]: { stage, ...taskFailure } },
  next: failing.next,
});

/** The failure of a stage within, as the Fail state there has told it, or of the Parallel or Map state itself. */
export const failureWithin = (stage: string): string =>
  jsonata(
    '($cause := $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ""; ' +
      `$merge([$substring($cause, 0, 10) = '{"stage":"' and $length($cause) < ${maxCauseLength} ? $parse($cause) : ` +
      `{"stage": ${JSON.stringify(stage)}, "error": $states.errorOutput.Error, "cause": $cause}, ` +
      `{"from": ${JSON.stringify(stage)}}]))`,
  );
