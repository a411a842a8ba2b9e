import type { ReplayPlan } from "../../functions/lib/interruption/replay.ts";
import { resultsIn } from "./results.ts";
import type { Stage } from "./stage.ts";
import { resumableIn } from "./validate.ts";

/** What a function has to know of stages to say how an interrupted execution can go on. */
export const replayPlan = (stage: Stage): ReplayPlan => ({
  from: resumableIn(stage).map(({ name }) => name),
  results: resultsIn(stage),
});
