import type { PipelineSettings } from "../pipeline-args.ts";
import { isDirect } from "../dispatch-args.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { costRules } from "./cost-rules.ts";
import { dispatchRules } from "./dispatch-rules.ts";
import { historyRules } from "./history-rules.ts";
import { networkRules } from "./network-rules.ts";
import { observabilityRules } from "./observability-rules.ts";
import { securityRules } from "./security-rules.ts";
import { jobRules } from "./job-rules.ts";
import { landingRules } from "./landing-rules.ts";
import { machineRules } from "./machine-rules.ts";
import type { Problem } from "./problem.ts";
import { simulationRules } from "./simulation-rules.ts";
import { validationRules } from "./validation-rules.ts";

/** All that can be known to be wrong with a pipeline before it is created; what one value shows alone is its type's matter. */
export const pipelineProblems = (args: PipelineSettings & JobWithoutScript): readonly Problem[] => [
  ...validationRules(args),
  ...landingRules(args),
  ...jobRules(args),
  ...historyRules(args),
  ...securityRules(args),
  ...networkRules(args),
  ...observabilityRules(args),
  ...dispatchRules(args),
  ...(isDirect(args) ? [] : machineRules(args)),
  ...simulationRules(args),
  ...costRules(args),
];

/** The stack's config knows all of a job but its script, and may have put together what no kind of job takes. */
export interface JobWithoutScript {
  readonly job: AnyJob;
}

/** What rules look at. */
export type RuledArgs = Parameters<typeof pipelineProblems>[0];
