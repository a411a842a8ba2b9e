import type { Fields } from "./fields.ts";
import { SECONDS } from "./limits.ts";
import type { CatcherPlan, RetrierPlan } from "./plan.ts";
import { shown } from "./problems.ts";

const RETRIER = [
  ...["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"],
];

/** The names of the language. Others that start with `States.` do not exist. */
const STATES_ERRORS = new Set([
  ...["States.ALL", "States.Timeout", "States.HeartbeatTimeout", "States.TaskFailed", "States.Permissions"],
  ...["States.BranchFailed", "States.NoChoiceMatched", "States.Runtime", "States.DataLimitExceeded"],
  ...["States.ExceedToleratedFailureThreshold", "States.ItemReaderFailed", "States.ResultWriterFailed"],
  ...["States.QueryEvaluationError", "States.Http.Socket", "States.IntrinsicFailure", "States.ParameterPathFailure"],
  "States.ResultPathMatchFailure",
]);

export function parseRetriers(fields: Fields): readonly RetrierPlan[] {
  const retriers = fields.objects("Retry");
  return retriers.map((retrier, index) => {
    retrier.allow(RETRIER, "a retrier");
    return {
      errorEquals: parseErrorEquals(retrier, index === retriers.length - 1),
      intervalSeconds: retrier.number("IntervalSeconds", { ...SECONDS, min: 1 }) ?? 1,
      maxAttempts: retrier.number("MaxAttempts", SECONDS) ?? 3,
      backoffRate: retrier.number("BackoffRate", { min: 1, max: Number.MAX_VALUE, fractions: true }) ?? 2,
      maxDelaySeconds: retrier.number("MaxDelaySeconds", { min: 1, max: 31_622_400 }) ?? Number.POSITIVE_INFINITY,
      fullJitter: retrier.oneOf("JitterStrategy", ["FULL", "NONE"]) === "FULL",
    };
  });
}

export function parseCatchers(fields: Fields): readonly CatcherPlan[] {
  const catchers = fields.objects("Catch");
  return catchers.map((catcher, index) => {
    catcher.allow(["ErrorEquals", "Next", "Assign", "Output", "Comment"], "a catcher");
    return {
      errorEquals: parseErrorEquals(catcher, index === catchers.length - 1),
      next: catcher.requiredString("Next"),
      assign: catcher.assign(),
      output: catcher.template("Output"),
    };
  });
}

function parseErrorEquals(fields: Fields, isLast: boolean): readonly string[] {
  const value = fields.object.ErrorEquals;
  const names = Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];
  if (!Array.isArray(value) || names.length === 0 || names.length < value.length) {
    fields.report("ErrorEquals", `must be an array of error names, at least one, got ${shown(value)}`);
  }
  for (const name of names) {
    if (name.startsWith("States.") && !STATES_ERRORS.has(name)) {
      fields.report("ErrorEquals", `must be the language's names where they start with "States.", got "${name}"`);
    }
  }
  if (names.includes("States.ALL")) {
    if (names.length > 1) fields.report("ErrorEquals", `must have States.ALL alone, got ${shown(names)}`);
    if (!isLast) fields.report("ErrorEquals", "must have States.ALL in the last entry only");
  }
  return names;
}
