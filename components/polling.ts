import { anyTaskFailure, busy, transient } from "./task-retries.ts";

/** How often a job run is looked at. The wait grows with the run's age, between a floor and a ceiling. */
export interface Polling {
  /** Seconds between looks at a young run; 0: a first look at once, then one each second. @default 5 */
  readonly floorSeconds?: number;
  /** Seconds between looks, at the most. @default 60 */
  readonly ceilingSeconds?: number;
  /** The wait as a share of the run's age. @default 0.05 */
  readonly share?: number;
}

export const pollingDefaults = Object.freeze({ floorSeconds: 5, ceilingSeconds: 60, share: 0.05 });

/** An execution that reaches this many history events fails. */
export const maxHistoryEvents = 25_000;

/** Wait, GetJobRun and CheckJobRun: two, five and two events. */
export const eventsPerPoll = 9;
/** BackOff and StartJobRun, five events for each of its tries, most of which may be refused. */
const eventsPerAttempt = 10 + 5 * (1 + transient.maxAttempts + busy.maxAttempts + anyTaskFailure.maxAttempts);
/** FindJobRun, with all its tries; and one event more for each try of a StartJobRun that waits for its token. */
export const eventsPerSearch =
  2 + 3 * (1 + transient.maxAttempts + anyTaskFailure.maxAttempts) + (1 + transient.maxAttempts + busy.maxAttempts);
/** Start, end, Validate and the final tasks with their retries. */
const eventsBesides = 60;

/** How many looks it takes until a run is `limitSeconds` old. */
export const countPolls = (limitSeconds: number, polling: Required<Polling>): number => {
  let waited = polling.floorSeconds;
  let polls = 1;
  while (waited < limitSeconds) {
    waited += nextWait(waited, polling);
    polls += 1;
    // Beyond the limit of the history the exact number no longer matters.
    if (polls > maxHistoryEvents) return polls;
  }
  return polls;
};

/** The history events of an execution whose every attempt is watched for `limitSeconds`; without polling, by its task. */
export const countHistoryEvents = (
  limitSeconds: number,
  attempts: number,
  polling: Required<Polling> | undefined,
): number =>
  eventsBesides +
  attempts * (eventsPerAttempt + (polling === undefined ? 0 : eventsPerPoll * countPolls(limitSeconds, polling)));

const nextWait = (waited: number, { floorSeconds, ceilingSeconds, share }: Required<Polling>): number =>
  Math.min(ceilingSeconds, Math.max(1, floorSeconds, Math.ceil(waited * share)));
