import { isSettled, seenToEndAt } from "../../functions/lib/job-run.ts";
import type { JobRun } from "@aws-sdk/client-glue";
import type { JobRunStore, RunKey } from "../../functions/lib/job-run-store.ts";
import type { World } from "./world.ts";

export interface RunEnds {
  readonly store: Pick<JobRunStore, "get">;
  /** Looks at a run, which has its work done and its end told. */
  readonly look: (run: RunKey) => Promise<JobRun>;
}

/** The shortest time between looks at a run whose work somebody else does. */
const shortestMs = 1000;

/** Looks at a run when it is to end, for rules that wait for what Glue tells then: nobody else need look at it. */
export const createRunFollower = (
  { clock, later }: Pick<World, "clock" | "later">,
  { store, look }: RunEnds,
): ((run: RunKey) => Promise<void>) => {
  const follow = async (key: RunKey, atLeastMs: number): Promise<void> => {
    const run = await store.get(key);
    if (run === undefined) return;
    later(Math.max(atLeastMs, seenToEndAt(run) - clock.now()), async () => {
      const { JobRunState } = await look(key);
      if (JobRunState === undefined || !isSettled(JobRunState)) await follow(key, shortestMs);
    });
  };
  return (run) => follow(run, 0);
};
