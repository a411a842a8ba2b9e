import { isBatched, isDirect } from "../dispatch-args.ts";
import { kindOf } from "../glue-job/kinds.ts";
import type { PipelineSettings, StagedArgs } from "../pipeline-args.ts";
import type { Polling } from "../polling.ts";
import { plannedJobs, plannedPolling, type PlannedJob } from "../stage-plan.ts";
import { distributedIn } from "../stages/results.ts";
import { jobBounds } from "../stages/stage-history-rules.ts";
import { stageProblems } from "../stages/stage-rules.ts";
import type { JobStage } from "../stages/stage.ts";
import { suggestion } from "../suggestion.ts";
import { queueRules } from "./dispatch-rules.ts";
import { flowCostRules } from "./flow-cost-rules.ts";
import { historyRules, watchedMinutes } from "./history-rules.ts";
import { jobRules } from "./job-rules.ts";
import { landingRules } from "./landing-rules.ts";
import { machineRules } from "./machine-rules.ts";
import { networkRules } from "./network-rules.ts";
import { observabilityRules } from "./observability-rules.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import { problemText, type Problem, type Say } from "./problem.ts";
import { problemOf, when } from "./problem-of.ts";
import { securityRules } from "./security-rules.ts";
import { simulationRules } from "./simulation-rules.ts";
import { stageResourceRules } from "./stage-resource-rules.ts";
import { validationRules } from "./validation-rules.ts";

/** All that can be known to be wrong with a pipeline with stages before it is created. */
export const stagedProblems = (name: string, given: StagedArgs): readonly Problem[] => {
  const planned = plannedJobs(given);
  const args = { ...given, polling: plannedPolling(given) };
  const alone = args.stateMachineType === "EXPRESS" ? [] : planned.flatMap((plan) => timeProblems(args, plan));
  return once([
    ...settingsProblems(args),
    ...stageConfigRules(args, planned),
    ...stageResourceRules(name, args, planned),
    ...stagesInOrder(args, planned, alone.length === 0),
    ...planned.flatMap((plan) => jobProblems(args, plan)),
    ...alone,
    ...expressRules(args, planned),
    ...toldOfDelays(args, planned),
    ...flowCostRules(args, planned),
  ]);
};

/** What is wrong whatever the stages are. */
export const settingsProblems = (settings: PipelineSettings): readonly Problem[] => [
  ...validationRules(settings),
  ...landingRules(settings),
  ...securityRules(settings),
  ...when(isDirect(settings), () =>
    problemOf("dispatch.mode", '"per-file" with stages: functions alone take a file through one job', "direct"),
  ),
  ...when(isBatched(settings), () =>
    problemOf("dispatch.mode", '"per-file" with stages: a batch is a manifest, which one job takes', "batch"),
  ),
  ...queueRules(settings),
  ...when(settings.stateMachineType === "EXPRESS" && settings.logLevel === "OFF", () =>
    problemOf(
      "logLevel",
      (say) =>
        `"ALL" or "ERROR" with ${say("stateMachineType")} "EXPRESS": its log is all that is left of an execution`,
      settings.logLevel,
    ),
  ),
];

const stageConfigRules = ({ stageConfig = {} }: StagedArgs, planned: readonly PlannedJob[]): readonly Problem[] => {
  const names = planned.map(({ stage }) => stage.name);
  return Object.entries(stageConfig)
    .filter(([name]) => !names.includes(name))
    .map(([name, config]) => {
      const meant = suggestion(name, names);
      const remedy = meant === undefined ? `those are ${names.join(", ")}` : `did you mean ${meant}?`;
      return problemOf(`stageConfig.${name}`, `left out: there is no stage of this name with a job; ${remedy}`, config);
    });
};

/** What is wrong with the stages as they are put together; with how long they take only where each job's time is right. */
const stagesInOrder = (
  args: StagedArgs & { readonly polling: Required<Polling> },
  planned: readonly PlannedJob[],
  counts: boolean,
): readonly Problem[] => {
  const jobs = new Map(planned.map((plan) => [plan.stage, plan]));
  return stageProblems(args.stages, (stage) => {
    const plan = jobs.get(stage);
    if (!counts || plan === undefined) return { events: 0, seconds: 0 };
    return jobBounds(watchedMinutes({ ...args, job: plan.job }), plan.retry, args);
  });
};

/** What the rules for a pipeline of one job say of this one. */
const jobProblems = (args: StagedArgs, plan: PlannedJob): readonly Problem[] => {
  const { job } = plan;
  const alone = aloneOf(args, plan);
  const found = [
    ...jobRules({ job }),
    ...when(job.overrides !== undefined, () =>
      problemOf("job.overrides", "left out: an execution's input can change no run of a stage", job.overrides),
    ),
    ...when(args.completion === "event" && kindOf(job) === "streaming", () =>
      problemOf(
        "completion",
        (say) =>
          `"poll" or "sync" with ${say("job.kind")} "streaming": a run goes on until somebody stops it, and no event tells of its end`,
        "event",
      ),
    ),
    ...simulationRules(alone),
    ...networkRules(alone),
  ];
  return found.map((problem) => ofStage(problem, plan.stage));
};

const timeProblems = (args: StagedArgs, plan: PlannedJob): readonly Problem[] => {
  const alone = aloneOf(args, plan);
  return [...historyRules(alone), ...machineRules(alone)].map((problem) => ofStage(problem, plan.stage));
};

const aloneOf = (args: StagedArgs, { mode, job, retry }: PlannedJob): RuledArgs => ({ ...args, mode, job, retry });

/** A problem of a job alone, in the words of whoever wrote its stage. */
const ofStage = (problem: Problem, { name, retry }: Pick<JobStage, "name" | "retry">): Problem => {
  const renamed = (field: string): string =>
    /^job\b/.test(field) || (retry !== undefined && field.startsWith("retry.")) ? `stages.${name}.${field}` : field;
  return {
    ...problem,
    field: renamed(problem.field),
    must: (say: Say) => problem.must((field) => say(renamed(field))),
  };
};

/** An execution that lives for five minutes waits for no job, and Step Functions gives it no distributed map. */
const expressRules = ({ stateMachineType, stages }: StagedArgs, planned: readonly PlannedJob[]): readonly Problem[] => {
  if (stateMachineType !== "EXPRESS") return [];
  const jobs = planned.map(({ stage }) => stage.name);
  const maps = distributedIn(stages).map(({ name }) => name);
  return [
    ...when(jobs.length > 0, () =>
      problemOf(
        "stateMachineType",
        `"STANDARD" with stages that run jobs (${jobs.join(", ")}): an express execution ends after five minutes`,
        stateMachineType,
      ),
    ),
    ...when(maps.length > 0, () =>
      problemOf(
        "stateMachineType",
        `"STANDARD" with maps over what is in S3 (${maps.join(", ")}): express executions have no distributed maps`,
        stateMachineType,
      ),
    ),
  ];
};

const toldOfDelays = (args: StagedArgs, planned: readonly PlannedJob[]): readonly Problem[] => {
  const watched = planned.find(({ job }) => job.notifyDelayAfterMinutes !== undefined) ?? planned[0];
  const problems = observabilityRules({ ...args, job: watched?.job ?? {} });
  return problems.map((problem) => ofStage(problem, watched?.stage ?? { name: "NAME" }));
};

/** Several jobs may have one problem with what they share. */
const once = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((problem) => [problemText(problem), problem])).values(),
];
