import { suggestion } from "../../components/suggestion.ts";
import type { Scenario } from "../../functions/lib/job-definition.ts";

/** A scenario in a stage that runs no job would have no effect, and nobody would know. */
export function stageProblems(scenarios: readonly Scenario[], stages: readonly string[]): readonly string[] {
  return scenarios.flatMap(({ stage }) => {
    if (stage === undefined || stages.includes(stage)) return [];
    const guess = suggestion(stage, stages);
    const hint =
      stages.length === 0
        ? `this program has no stages: leave out " in ${stage}"`
        : guess === undefined
          ? `there are ${stages.join(", ")}`
          : `did you mean ${guess}?`;
    return [`--scenario: "${stage}" is not a stage with a job; ${hint}`];
  });
}
