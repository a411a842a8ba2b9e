import type { JobRun } from "@aws-sdk/client-glue";
import type { StandInEvent } from "../../functions/lib/glue.ts";
import type { JobDefinition } from "../../functions/lib/job-definition.ts";
import { describeRun, isSettled } from "../../functions/lib/job-run.ts";
import type { JobRunStore, RunKey } from "../../functions/lib/job-run-store.ts";
import { mergeArguments } from "../../functions/lib/start-request.ts";
import { feedRun, readsStream } from "../../functions/lib/streaming-runs.ts";
import type { World } from "./world.ts";

export interface StreamingOptions {
  readonly store: JobRunStore;
  readonly standIn: (event: StandInEvent) => Promise<unknown>;
  /** Hears of runs that have failed by their own work. */
  readonly onEnd: (run: JobRun) => void;
}

const defaultTriggerMs = 60_000;

/** Has the runs of streaming jobs read their streams, each time that its trigger says. */
export const createStreamingRuns =
  ({ clock, later }: Pick<World, "clock" | "later">, { store, standIn, onEnd }: StreamingOptions) =>
  async (job: JobDefinition, key: RunKey): Promise<void> => {
    const run = await store.get(key);
    const args = mergeArguments(job, run?.details.Arguments ?? {});
    if (run === undefined || !readsStream(job, args)) return;
    const interval = triggerMs(args["--trigger"]);
    const look = async (): Promise<void> => {
      const found = await store.get(key);
      const state = found && describeRun(found, clock.now()).JobRunState;
      if (found === undefined || state === undefined || isSettled(state)) return;
      const fed = state === "RUNNING" && (await feedRun({ job, store, now: () => clock.now(), standIn }, found));
      if (fed === "failed") {
        const failed = await store.get(key);
        if (failed !== undefined) onEnd(describeRun(failed, clock.now()));
        return;
      }
      later(interval, look);
    };
    later(run.beginsAt + run.plan.startUp - clock.now(), look);
  };

/** `10 seconds` → 10000, as Spark reads it. */
const triggerMs = (text: string | undefined): number => {
  const [, count, unit = ""] = /^(\d+) *(second|minute)s?$/.exec(text ?? "") ?? [];
  return count === undefined ? defaultTriggerMs : Number(count) * (unit === "minute" ? 60_000 : 1000);
};
