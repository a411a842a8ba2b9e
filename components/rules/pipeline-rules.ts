import type { GluePipelineArgs } from "../glue-pipeline.ts";
import { historyRules } from "./history-rules.ts";
import type { Problem } from "./problem.ts";
import { validationRules } from "./validation-rules.ts";

/** All that can be known to be wrong with a pipeline before it is created; what one value shows alone is its type's matter. */
export const pipelineProblems = (args: Omit<GluePipelineArgs, "job"> & JobWithoutScript): readonly Problem[] => [
  ...validationRules(args),
  ...historyRules(args),
];

/** The stack's config knows all of a job but its script. */
export interface JobWithoutScript {
  readonly job: Omit<GluePipelineArgs["job"], "script">;
}

/** What rules look at. */
export type RuledArgs = Parameters<typeof pipelineProblems>[0];
