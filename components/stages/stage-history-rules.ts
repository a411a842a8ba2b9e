import { secondsBetweenRuns, type JobRetry } from "../pipeline-definition.ts";
import type { Completion } from "../glue-job.ts";
import {
  countHistoryEvents,
  countPolls,
  eventsPerPoll,
  eventsPerSearch,
  maxHistoryEvents,
  type Polling,
} from "../polling.ts";
import { maxExecutionDays } from "../rules/history-rules.ts";
import { problemOf, when } from "../rules/problem-of.ts";
import type { Problem, Say } from "../rules/problem.ts";
import { anyTaskFailure, busy, transient, transientOfServices } from "../task-retries.ts";
import { jobStagesOf } from "./job-flow.ts";
import { distributedIn } from "./results.ts";
import type { JobStage, MapStage, Stage, TaskStage } from "./stage.ts";

/** What a part of an execution comes to if everything takes its longest. */
export interface Bounds {
  readonly events: number;
  readonly seconds: number;
}

export type BoundsOf = (job: JobStage) => Bounds;

/** Who looks at a job's runs. */
export interface Looks {
  readonly completion?: Completion | undefined;
  /** How often the machine looks, if it does. */
  readonly polling: Required<Polling>;
}

/** What all runs of a job come to. One whose event is lost is looked for, and looked at from then on. */
export const jobBounds = (
  watchedMinutes: number,
  retry: Required<JobRetry>,
  { completion, polling }: Looks,
): Bounds => ({
  events:
    retry.maxAttempts *
    (eventsOfStart +
      (completion === "event" ? eventsPerSearch : 0) +
      (completion === "sync" ? 0 : eventsPerPoll * countPolls(watchedMinutes * 60, polling))),
  seconds: watchedMinutes * 60 * retry.maxAttempts + secondsBetweenRuns(retry),
});

/** An execution has room for so many events, and so many days; each child of a distributed map has its own. */
export const stageHistoryRules = (stage: Stage, boundsOf: BoundsOf): readonly Problem[] => {
  const { events, seconds } = sum(bounds(stage, boundsOf), { events: eventsBesides, seconds: 0 });
  const days = Math.ceil(seconds / 86_400);
  return [
    ...when(events > maxHistoryEvents, () => longHistory("stages", stage, events, boundsOf)),
    ...when(days > maxExecutionDays, () =>
      problemOf(
        "stages",
        (say) =>
          `shorter: together they take up to ${days} days, and an execution ends after ${maxExecutionDays}; lower ` +
          `${say("giveUpAfterMinutes")} or ${say("retry.maxAttempts")}`,
        days,
      ),
    ),
    ...distributedIn(stage).flatMap(({ name, each }) => {
      const ofItem = bounds(each, boundsOf).events + eventsBesides;
      return when(ofItem > maxHistoryEvents, () => longHistory(`stages.${name}.each`, each, ofItem, boundsOf));
    }),
  ];
};

/** Start, end, Validate and the final tasks with their retries; the same that a single job's execution has. */
const eventsBesides = countHistoryEvents(0, 0, undefined);

/** The events of the execution, or of the child of a distributed map, that has the most. */
export const largestHistory = (stage: Stage, boundsOf: BoundsOf): number =>
  Math.max(...[stage, ...distributedIn(stage).map(({ each }) => each)].map((part) => bounds(part, boundsOf).events)) +
  eventsBesides;

const longHistory = (field: string, stage: Stage, events: number, boundsOf: BoundsOf): Problem => {
  const largest = jobStagesOf(stage)
    .map(({ stage: job }) => ({ name: job.name, events: boundsOf(job).events }))
    .sort((one, other) => other.events - one.events)
    .slice(0, 3)
    .map(({ name, events: own }) => `${name} ${own}`);
  const most = largest.length > 0 ? ` (the most: ${largest.join(", ")})` : "";
  const must = (say: Say): string =>
    `shorter: it takes up to ${events} history events${most}, and an execution ends at ${maxHistoryEvents}; raise ` +
    `${say("polling.ceilingSeconds")}, lower ${say("retry.maxAttempts")} or ${say("giveUpAfterMinutes")}, or set ` +
    `${say("completion")} to "sync"`;
  return problemOf(field, must, events);
};

const bounds = (stage: Stage, boundsOf: BoundsOf): Bounds => {
  const within = (part: Stage | undefined): Bounds => (part === undefined ? nothing : bounds(part, boundsOf));
  switch (stage.kind) {
    case "job":
      return sum(boundsOf(stage), within(stage.onFailure));
    case "task":
      return sum(taskBounds(stage), within(stage.onFailure));
    case "wait":
      return { events: eventsOfState, seconds: typeof stage.seconds === "number" ? stage.seconds : 0 };
    case "sequence":
      return stage.stages.map(within).reduce(sum, nothing);
    case "parallel": {
      const branches = stage.branches.map(within);
      return {
        events: branches.reduce((all, { events }) => all + events + 2 * eventsOfState, eventsOfCatch),
        seconds: Math.max(0, ...branches.map(({ seconds }) => seconds)),
      };
    }
    case "choice": {
      const branches = [...stage.when.map(({ then }) => within(then)), within(stage.otherwise)];
      return {
        events: eventsOfState + Math.max(...branches.map(({ events }) => events)),
        seconds: Math.max(...branches.map(({ seconds }) => seconds)),
      };
    }
    case "map":
      return sum(mapBounds(stage, within(stage.each)), within(stage.onFailure));
  }
};

const nothing: Bounds = { events: 0, seconds: 0 };

const sum = (one: Bounds, other: Bounds): Bounds => ({
  events: one.events + other.events,
  seconds: one.seconds + other.seconds,
});

/** A state is entered and left. */
const eventsOfState = 2;
/** Each try of a task is scheduled, started and ended. */
const eventsOfTry = 3;
const triesOf = (retriers: readonly { readonly maxAttempts?: number }[]): number =>
  retriers.reduce((tries, { maxAttempts = 3 }) => tries + maxAttempts, 1);
/** A Parallel or a Map that fails, with the task that stops job runs. */
const eventsOfCatch = 2 * eventsOfState + eventsOfState + eventsOfTry * triesOf([transient, anyTaskFailure]);

/** BackOff, StartJobRun with all its tries, of which most may be refused, and the run's end where its task waits for it. */
const eventsOfStart = 3 * eventsOfState + eventsOfTry * triesOf([transient, busy, anyTaskFailure]) + 1;

const taskBounds = ({ timeoutSeconds = 60, retry = [transientOfServices] }: TaskStage): Bounds => {
  const tries = triesOf(retry);
  return { events: eventsOfState + eventsOfTry * tries, seconds: tries * timeoutSeconds };
};

/** Of items that are not known beforehand there may be more: these are the events of one. */
const mapBounds = ({ over }: MapStage, each: Bounds): Bounds => {
  if (!("items" in over)) return { events: eventsOfCatch, seconds: each.seconds };
  const count = Array.isArray(over.items) ? over.items.length : 1;
  return { events: eventsOfCatch + count * (each.events + 3 * eventsOfState), seconds: count * each.seconds };
};
