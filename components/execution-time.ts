import type { StateMachineType } from "./pipeline-machine.ts";
import { jobRetryDefaults, secondsBetweenRuns, type JobRetry } from "./pipeline-definition.ts";
import { busy, longestPatienceSeconds, transient } from "./task-retries.ts";

/** An express execution lives for five minutes. */
export const maxExpressMinutes = 5;
/** A standard one lives for a year. */
export const maxStandardMinutes = 365 * 24 * 60;
/** What an execution does besides: the last look at each run, its messages and their retries. */
const minutesBesides = 60;
/** The same in an express execution, when all goes well. */
const secondsBesides = 30;

interface ExecutionTime {
  readonly stateMachineType?: StateMachineType | undefined;
  /** 0: derived. */
  readonly executionTimeoutMinutes?: number | undefined;
  readonly retry?: JobRetry | undefined;
}

/** How long all runs of a file take at the most once they have been started, the waits between them included. */
export const minutesOfRuns = ({ retry }: Pick<ExecutionTime, "retry">, watchedMinutes: number): number => {
  const filled = { ...jobRetryDefaults, ...retry };
  return filled.maxAttempts * watchedMinutes + secondsBetweenRuns(filled) / 60;
};

/** How long each run of a file may be refused for want of a place; an express execution has no more than what is left. */
export const patienceSeconds = (args: ExecutionTime, watchedMinutes: number): number => {
  if (args.stateMachineType !== "EXPRESS") return Infinity;
  const left = (maxExpressMinutes - minutesOfRuns(args, watchedMinutes)) * 60 - secondsBesides;
  return Math.max(0, left / { ...jobRetryDefaults, ...args.retry }.maxAttempts);
};

/** How long an execution may take, in minutes; unless it is given, as long as it needs if everything takes its longest. */
export const executionMinutes = (args: ExecutionTime, watchedMinutes: number): number => {
  const given = args.executionTimeoutMinutes ?? 0;
  const longest = args.stateMachineType === "EXPRESS" ? maxExpressMinutes : maxStandardMinutes;
  if (given > 0) return Math.min(given, longest);
  const { maxAttempts } = { ...jobRetryDefaults, ...args.retry };
  const starts = (maxAttempts * (longestPatienceSeconds(transient) + longestPatienceSeconds(busy))) / 60;
  return Math.min(longest, Math.ceil(minutesOfRuns(args, watchedMinutes) + starts + minutesBesides));
};
