import { longestTimeoutMinutes } from "../glue-job/settings.ts";
import { jobRetryDefaults, secondsBetweenRuns, type JobRetry } from "../pipeline-definition.ts";
import { countHistoryEvents, maxHistoryEvents, pollingDefaults, type Polling } from "../polling.ts";
import { isDirect } from "./dispatch-rules.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

/** A standard execution lives for a year at the most. */
export const maxExecutionDays = 365;

/** How long a run is watched, in minutes. */
export const watchedMinutes = ({
  giveUpAfterMinutes = 0,
  job,
}: Pick<RuledArgs, "giveUpAfterMinutes" | "job">): number => giveUpAfterMinutes || longestTimeoutMinutes(job) + 60;

/** An execution has room for so many events, and so many days. */
export const historyRules = (args: RuledArgs): readonly Problem[] => {
  const polling = { ...pollingDefaults, ...args.polling };
  const retry = { ...jobRetryDefaults, ...args.retry };
  if (polling.floorSeconds > polling.ceilingSeconds) {
    return [
      {
        field: "polling.floorSeconds",
        must: (say) => `at most ${say("polling.ceilingSeconds")} (${polling.ceilingSeconds})`,
        got: polling.floorSeconds,
      },
    ];
  }
  // What waits in a queue has no history, and waits as long as it takes.
  if (isDirect(args)) return [];
  // An express execution has neither a history nor days: its own rules bound it.
  if (args.stateMachineType === "EXPRESS") return [];
  const minutes = watchedMinutes(args);
  const looks = args.completion === "sync" ? undefined : polling;
  const events = countHistoryEvents(minutes * 60, retry.maxAttempts, looks);
  const days = Math.ceil((minutes * 60 * retry.maxAttempts + secondsBetweenRuns(retry)) / 86_400);
  return [
    ...(events > maxHistoryEvents ? [longHistory({ minutes, events, polling, retry })] : []),
    ...(days > maxExecutionDays ? [longLife({ minutes, days, retry })] : []),
  ];
};

interface Watch {
  readonly minutes: number;
  readonly retry: Required<JobRetry>;
}

const longHistory = ({
  minutes,
  events,
  polling,
  retry,
}: Watch & { readonly events: number; readonly polling: Required<Polling> }): Problem => ({
  field: "polling.ceilingSeconds",
  must: (say) =>
    `higher: watching ${retry.maxAttempts} runs for ${minutes} minutes each takes up to ${events} history events, and ` +
    `an execution ends at ${maxHistoryEvents}; or raise ${say("polling.floorSeconds")} (${polling.floorSeconds}), or ` +
    `lower ${say("giveUpAfterMinutes")} (${minutes}) or ${say("retry.maxAttempts")} (${retry.maxAttempts}), or set ` +
    `${say("completion")} to "sync", which leaves the looking to Step Functions`,
  got: polling.ceilingSeconds,
});

const longLife = ({ minutes, days, retry }: Watch & { readonly days: number }): Problem => ({
  field: "retry.maxAttempts",
  must: (say) =>
    `lower: watching ${retry.maxAttempts} runs for ${minutes} minutes each, with the waits between them, takes up to ` +
    `${days} days, and an execution ends after ${maxExecutionDays}; or lower ${say("retry.intervalSeconds")} ` +
    `(${retry.intervalSeconds}) or ${say("retry.backoffRate")} (${retry.backoffRate})`,
  got: retry.maxAttempts,
});
