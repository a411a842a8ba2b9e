import type { Problem } from "../rules/problem.ts";
import { stageExpressionRules } from "./stage-expression-rules.ts";
import { stageHistoryRules, type Bounds } from "./stage-history-rules.ts";
import { stageNameRules } from "./stage-name-rules.ts";
import { stageOrderRules } from "./stage-order-rules.ts";
import { stageStoppingRules } from "./stage-stopping-rules.ts";
import { stageValueRules } from "./stage-value-rules.ts";
import type { JobStage, Stage } from "./stage.ts";

/** All that can be known to be wrong with stages before they are made into a state machine. */
export const stageProblems = (stage: Stage, boundsOf: (job: JobStage) => Bounds): readonly Problem[] => [
  ...stageNameRules(stage),
  ...stageValueRules(stage),
  ...stageExpressionRules(stage),
  ...stageOrderRules(stage),
  ...stageStoppingRules(stage),
  ...stageHistoryRules(stage, boundsOf),
];
