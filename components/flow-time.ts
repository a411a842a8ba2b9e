import { executionMinutes, maxStandardMinutes } from "./execution-time.ts";
import type { StagedArgs } from "./pipeline-args.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import { plannedJobs, type PlannedJob } from "./stage-plan.ts";
import type { Stage } from "./stages/stage.ts";
import { longestPatienceSeconds } from "./task-retries.ts";

/**
 * How long an execution may take, in minutes; unless it is given, as long as it needs if everything takes its longest. A
 * map goes through as many items as there are, and a wait may be computed: then it is as long as an execution can live.
 */
export const flowMinutes = (args: StagedArgs): number => {
  if ((args.executionTimeoutMinutes ?? 0) > 0 || args.stateMachineType === "EXPRESS") return executionMinutes(args, 0);
  const jobs = new Map(plannedJobs(args).map((plan) => [plan.stage.name, jobMinutes(args, plan)]));
  return Math.min(maxStandardMinutes, Math.ceil(longest(args.stages, (name) => jobs.get(name) ?? 0)));
};

const jobMinutes = (args: StagedArgs, { job, retry }: PlannedJob): number =>
  executionMinutes({ retry }, watchedMinutes({ ...args, job }));

const longest = (stage: Stage, minutesOfJob: (name: string) => number): number => {
  const within = (inner: Stage | undefined): number => (inner === undefined ? 0 : longest(inner, minutesOfJob));
  switch (stage.kind) {
    case "job":
      return minutesOfJob(stage.name) + within(stage.onFailure);
    case "task":
      return taskMinutes(stage) + within(stage.onFailure);
    case "wait":
      return typeof stage.seconds === "number" ? stage.seconds / 60 : Infinity;
    case "sequence":
      return stage.stages.reduce((sum, next) => sum + within(next), 0);
    case "parallel":
      return Math.max(0, ...stage.branches.map(within));
    case "choice":
      return Math.max(within(stage.otherwise), ...stage.when.map(({ then }) => within(then)));
    case "map":
      return Infinity;
  }
};

/** Where nothing is said of a task's retries. */
const usualTries = 5;
const usualDelaysSeconds = 60;

const taskMinutes = ({ timeoutSeconds = 60, retry }: Extract<Stage, { kind: "task" }>): number => {
  const tries = retry === undefined ? usualTries : retry.reduce((sum, { maxAttempts = 3 }) => sum + maxAttempts, 0);
  const delays =
    retry === undefined ? usualDelaysSeconds : retry.reduce((sum, one) => sum + longestPatienceSeconds(one), 0);
  return ((1 + tries) * timeoutSeconds + delays) / 60;
};
