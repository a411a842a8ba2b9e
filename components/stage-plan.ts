import { configuredJob } from "./stage-config.ts";
import type { GlueJobArgs } from "./glue-job/kinds.ts";
import type { StagedArgs } from "./pipeline-args.ts";
import { jobRetryDefaults, type JobRetry } from "./pipeline-definition.ts";
import type { Polling } from "./polling.ts";
import { watchedMinutes } from "./rules/history-rules.ts";
import { jobStagesOf, type JobInFlow } from "./stages/job-flow.ts";
import { jobBounds } from "./stages/stage-history-rules.ts";
import { stagePolling } from "./stages/stage-polling.ts";

/** A stage's job, as the program and the stack together want it. */
export interface PlannedJob extends JobInFlow {
  readonly mode: "simulated" | "real";
  readonly job: GlueJobArgs;
  readonly retry: Required<JobRetry>;
  /** What the names of its resources have behind the pipeline's. */
  readonly suffix: string;
}

type PlanArgs = Pick<StagedArgs, "stages" | "stageConfig" | "mode" | "retry">;

/** The jobs of all stages, in the order in which they are written. */
export const plannedJobs = ({ stages, stageConfig = {}, mode, retry }: PlanArgs): readonly PlannedJob[] =>
  jobStagesOf(stages).map((inFlow) => {
    const { name, job, retry: own } = inFlow.stage;
    const config = stageConfig[name];
    return {
      ...inFlow,
      mode: config?.mode ?? mode,
      job: configuredJob(job, config),
      retry: { ...jobRetryDefaults, ...retry, ...own },
      suffix: kebab(name),
    };
  });

/** How often runs are looked at: less often than a single job's where their execution would have no room for it. */
export const plannedPolling = (args: StagedArgs): Required<Polling> => {
  const jobs = new Map(plannedJobs(args).map((plan) => [plan.stage, plan]));
  return stagePolling(args.stages, args.polling, (polling) => (stage) => {
    const plan = jobs.get(stage);
    if (plan === undefined) return { events: 0, seconds: 0 };
    return jobBounds(watchedMinutes({ ...args, job: plan.job }), plan.retry, { completion: args.completion, polling });
  });
};

/** `Clean orders` → `clean-orders`. */
export const kebab = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
