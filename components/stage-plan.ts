import { configuredJob } from "./stage-config.ts";
import type { GlueJobArgs } from "./glue-job/kinds.ts";
import type { StagedArgs } from "./pipeline-args.ts";
import { jobRetryDefaults, type JobRetry } from "./pipeline-definition.ts";
import { jobStagesOf, type JobInFlow } from "./stages/job-flow.ts";

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

/** `Clean orders` → `clean-orders`. */
export const kebab = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
