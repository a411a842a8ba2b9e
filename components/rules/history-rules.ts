import { longestTimeoutMinutes } from "../glue-job/settings.ts";
import { jobRetryDefaults, secondsBetweenRuns, type JobRetry } from "../pipeline-definition.ts";
import { countHistoryEvents, eventsPerSearch, maxHistoryEvents, pollingDefaults, type Polling } from "../polling.ts";
import { isDirect } from "../dispatch-args.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem, Say } from "./problem.ts";

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
  const events = countHistoryEvents(minutes * 60, retry.maxAttempts, looks) + eventsOfSearches(args, retry);
  const days = Math.ceil((minutes * 60 * retry.maxAttempts + secondsBetweenRuns(retry)) / 86_400);
  return [
    ...(events > maxHistoryEvents ? [longHistory(args, { minutes, events, polling, retry })] : []),
    ...(days > maxExecutionDays ? [longLife(args, { minutes, days, retry })] : []),
  ];
};

/** Any run whose event is lost is looked for, and looked at from then on. */
const eventsOfSearches = ({ completion }: RuledArgs, { maxAttempts }: Required<JobRetry>): number =>
  completion === "event" ? maxAttempts * eventsPerSearch : 0;

interface Watch {
  readonly minutes: number;
  readonly retry: Required<JobRetry>;
}

const longestWaitSeconds = 3600;

const longHistory = (
  args: RuledArgs,
  { minutes, events, polling, retry }: Watch & { readonly events: number; readonly polling: Required<Polling> },
): Problem => {
  const { floorSeconds, ceilingSeconds } = polling;
  const fits = (changed: Partial<Polling>): boolean =>
    countHistoryEvents(minutes * 60, retry.maxAttempts, { ...polling, ...changed }) + eventsOfSearches(args, retry) <=
    maxHistoryEvents;
  const ceiling = smallest(ceilingSeconds + 1, (seconds) => fits({ ceilingSeconds: seconds }));
  const floor = smallest(floorSeconds + 1, (seconds) =>
    fits({ floorSeconds: seconds, ceilingSeconds: Math.max(ceilingSeconds, seconds) }),
  );
  const why =
    `watching ${retry.maxAttempts} runs for ${minutes} minutes each takes up to ${events} history events, and an ` +
    `execution ends at ${maxHistoryEvents}`;
  const others = (say: Say): string =>
    `or ${shorterWatch(args, say)}, or set ${say("completion")} to "sync", which leaves the looking to Step Functions`;
  const fewer = (say: Say): string => `or lower ${say("retry.maxAttempts")} (${retry.maxAttempts}), ${others(say)}`;
  const raised = (say: Say): string =>
    `${String(floor)}${(floor ?? 0) > ceilingSeconds ? `, and ${say("polling.ceilingSeconds")} (${ceilingSeconds}) as high` : ""}`;
  if (ceiling !== undefined) {
    const orFloor = (say: Say): string =>
      floor === undefined ? "" : `or raise ${say("polling.floorSeconds")} (${floorSeconds}) to ${raised(say)}, `;
    const must = (say: Say): string => `at least ${ceiling}: ${why}; ${orFloor(say)}${fewer(say)}`;
    return { field: "polling.ceilingSeconds", must, got: ceilingSeconds };
  }
  // Where each wait is as short as the floor says, a higher ceiling changes nothing.
  return floor === undefined
    ? { field: "retry.maxAttempts", must: (say) => `lower: ${why}; ${others(say)}`, got: retry.maxAttempts }
    : {
        field: "polling.floorSeconds",
        must: (say) => `at least ${raised(say)}: ${why}; ${fewer(say)}`,
        got: floorSeconds,
      };
};

/** The smallest number of seconds that will do; what will do does so for all larger ones. */
const smallest = (from: number, willDo: (seconds: number) => boolean): number | undefined => {
  if (!willDo(longestWaitSeconds)) return undefined;
  let [tooFew, enough] = [from - 1, longestWaitSeconds];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (willDo(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
};

/** What would have a run watched for a shorter time: what was given, or what it follows from. */
export const shorterWatch = ({ giveUpAfterMinutes = 0, job }: RuledArgs, say: Say): string =>
  giveUpAfterMinutes > 0
    ? `lower ${say("giveUpAfterMinutes")} (${giveUpAfterMinutes})`
    : `lower ${say("job.timeoutMinutes")} (${longestTimeoutMinutes(job)}), or set ${say("giveUpAfterMinutes")}, ` +
      "which is an hour more than that";

const longLife = (args: RuledArgs, { minutes, days, retry }: Watch & { readonly days: number }): Problem => ({
  field: "retry.maxAttempts",
  must: (say) =>
    `lower: watching ${retry.maxAttempts} runs for ${minutes} minutes each, with the waits between them, takes up to ` +
    `${days} days, and an execution ends after ${maxExecutionDays}; or ${shorterWatch(args, say)}, or lower ${say("retry.intervalSeconds")} ` +
    `(${retry.intervalSeconds}) or ${say("retry.backoffRate")} (${retry.backoffRate})`,
  got: retry.maxAttempts,
});
