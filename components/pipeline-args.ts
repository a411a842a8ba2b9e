import type { Simulation } from "../functions/lib/job-definition.ts";
import type { DispatchArgs } from "./dispatch-args.ts";
import type { LandingFilter } from "./dispatcher.ts";
import type { Validation } from "./file-validation.ts";
import type { Completion } from "./glue-job.ts";
import type { GlueJobArgs } from "./glue-job/kinds.ts";
import type { CostArgs } from "./job-cost.ts";
import type { NetworkArgs } from "./network.ts";
import type { ObservabilityArgs } from "./observability.ts";
import type { JobRetry } from "./pipeline-definition.ts";
import type { LogLevel, StateMachineType } from "./pipeline-machine.ts";
import type { Polling } from "./polling.ts";
import type { SecurityArgs } from "./security.ts";
import type { StageConfigs } from "./stage-config.ts";
import type { Stage } from "./stages/stage.ts";

/** All that can be said of a pipeline. */
export type GluePipelineArgs = SingleJobArgs | StagedArgs;

/** A pipeline of one job. */
export interface SingleJobArgs extends PipelineSettings {
  /**
   * The job that every accepted file goes through.
   * @example { script: new URL("./scripts/process_csv.py", import.meta.url), workerType: "G.2X", numberOfWorkers: 10 }
   */
  readonly job: GlueJobArgs;
  readonly stages?: never;
  readonly stageConfig?: never;
}

/** A pipeline of several jobs, and of what is done between them. */
export interface StagedArgs extends PipelineSettings {
  /** What every accepted file goes through. @example sequence(job("Clean", { job: clean }), job("Sum up", { job: sums })) */
  readonly stages: Stage;
  /** What the stack says of the stages' jobs, by the stages' names; it wins over the program. @default nothing */
  readonly stageConfig?: StageConfigs;
  readonly job?: never;
}

/** What all pipelines have in common. */
export interface PipelineSettings {
  /** Who runs the job: AWS Glue, or functions that answer as Glue does. */
  readonly mode: "simulated" | "real";
  /** Lets simulated jobs be deployed to AWS itself. @default false */
  readonly allowSimulatedOnAws?: boolean;
  /** What runs are expected and allowed to cost. */
  readonly cost?: CostArgs;
  /** How simulated runs behave. */
  readonly simulation?: Partial<Simulation>;
  /** Which objects of the landing bucket are files for this pipeline. */
  readonly landing?: LandingFilter;
  /** What a file must be to reach the job. */
  readonly validation?: Validation;
  /** What happens when a run does not succeed. */
  readonly retry?: JobRetry;
  /** Who takes a landed file through the job. @default { mode: "per-file" } */
  readonly dispatch?: DispatchArgs;
  /**
   * Who waits for a run's end: the state machine, which looks ever less often; the task that starts the run, at which
   * Step Functions looks each minute and, after ten, every five; or nobody: Glue's event of the end is heard.
   * @default "poll"
   */
  readonly completion?: Completion;
  /**
   * With events: seconds after which a run whose end no event has told of is looked for, and from then on looked at as
   * with "poll". More than a run usually takes. @default 900
   */
  readonly eventHeartbeatSeconds?: number;
  /** How often a run is looked at, where the state machine does it. */
  readonly polling?: Polling;
  /** A run that has not ended after this long is given up; 0: the job's timeout and an hour. @default 0 */
  readonly giveUpAfterMinutes?: number;
  /**
   * An express machine costs less and keeps no executions: a file whose event comes twice is run twice.
   * @default "STANDARD"
   */
  readonly stateMachineType?: StateMachineType;
  /** An execution that takes longer ends as TIMED_OUT; 0: as long as all its runs can take. @default 0 */
  readonly executionTimeoutMinutes?: number;
  /** What an execution writes to its log. @default "ALL" */
  readonly logLevel?: LogLevel;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Old versions of landed files and of outputs are deleted after this many days. @default 30 */
  readonly oldVersionDays?: number;
  /** Lets a destroy delete buckets that still hold data, and an update or a destroy what waits in a queue. @default false */
  readonly forceDestroy?: boolean;
  /** One switch, or what of it: a key of the pipeline's own for all that it keeps and sends. @default on where the mode is "real" */
  readonly security?: boolean | SecurityArgs;
  /** Alarms, a dashboard, and who is told of what. @default on where the mode is "real" */
  readonly observability?: boolean | ObservabilityArgs;
  /** Has X-Ray trace the functions and the state machine. @default false */
  readonly tracing?: boolean;
  /** Where a real job's workers are. Simulated jobs use none. @default { kind: "none" } */
  readonly network?: NetworkArgs;
  /** Tags of everything that takes tags, objects apart. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What a pipeline is like where nothing else is said. */
export const pipelineDefaults = Object.freeze({
  completion: "poll",
  eventHeartbeatSeconds: 900,
  stateMachineType: "STANDARD",
  executionTimeoutMinutes: 0,
  giveUpAfterMinutes: 0,
  logLevel: "ALL",
  logRetentionDays: 30,
  oldVersionDays: 30,
  forceDestroy: false,
});
