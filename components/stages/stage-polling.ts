import { maxHistoryEvents, pollingDefaults, type Polling } from "../polling.ts";
import { largestHistory, type BoundsOf } from "./stage-history-rules.ts";
import type { Stage } from "./stage.ts";

/** What is tried where a pipeline says nothing of it: looks that come ever later, first of old runs, then of young ones. */
const shares = [pollingDefaults.share, 0.1, 0.15, 0.2, 0.25];
const ceilings = [pollingDefaults.ceilingSeconds, 120, 300, 600];

/**
 * How often runs of stages are looked at: as often as those of a single job where an execution's history has room for it,
 * else less often; as the pipeline says where it says so.
 */
export const stagePolling = (
  stage: Stage,
  given: Polling = {},
  boundsWith: (polling: Required<Polling>) => BoundsOf,
): Required<Polling> => {
  const usual = { ...pollingDefaults, ...given };
  // A ceiling below the floor is for the rules to refuse.
  const allowed = (seconds: number): boolean => seconds >= usual.ceilingSeconds && seconds >= usual.floorSeconds;
  const candidates = (given.share === undefined ? shares : [given.share]).flatMap((share) =>
    (given.ceilingSeconds === undefined ? ceilings.filter(allowed) : [given.ceilingSeconds]).map((ceilingSeconds) => ({
      ...usual,
      ceilingSeconds,
      share,
    })),
  );
  const hasRoom = (polling: Required<Polling>): boolean =>
    largestHistory(stage, boundsWith(polling)) <= maxHistoryEvents;
  return candidates.find(hasRoom) ?? candidates.at(-1) ?? usual;
};
