import { glueJobDefaults } from "../glue-job.ts";
import type { WorkerTypeName } from "./fields.ts";
import { kindOf, kindsOfJob, type AnyJob, type KindOfJob } from "./kinds.ts";
import { presetOf } from "./workloads.ts";

/** What a job comes to once its workload, the defaults of its kind and those of all jobs have filled what it left open. */
export interface JobSettings {
  readonly kind: KindOfJob;
  readonly glueVersion: string;
  /** Not of a Python shell job, which has a capacity instead. */
  readonly workerType?: WorkerTypeName;
  readonly numberOfWorkers?: number;
  readonly maxCapacity?: number;
  readonly executionClass: "STANDARD" | "FLEX";
  readonly timeoutMinutes: number;
  readonly maxConcurrentRuns: number;
  readonly jobRunQueuing: boolean;
}

export const jobSettings = (job: AnyJob): JobSettings => {
  const kind: KindOfJob = kindsOfJob[kindOf(job)];
  const preset = presetOf(job.workload);
  return {
    kind,
    glueVersion: job.glueVersion ?? kind.glueVersion,
    ...sizeOf(job, kind),
    executionClass: job.executionClass ?? preset?.executionClass ?? "STANDARD",
    timeoutMinutes: job.timeoutMinutes ?? preset?.timeoutMinutes ?? glueJobDefaults.timeoutMinutes,
    maxConcurrentRuns: job.maxConcurrentRuns ?? glueJobDefaults.maxConcurrentRuns,
    jobRunQueuing: job.jobRunQueuing ?? glueJobDefaults.jobRunQueuing,
  };
};

const sizeOf = (
  job: AnyJob,
  { workerType: ofKind }: KindOfJob,
): Pick<JobSettings, "workerType" | "numberOfWorkers" | "maxCapacity"> => {
  if (ofKind === undefined) return { maxCapacity: job.maxCapacity ?? glueJobDefaults.maxCapacity };
  const preset = presetOf(job.workload);
  return {
    workerType: job.workerType ?? preset?.workerType ?? ofKind,
    numberOfWorkers: job.numberOfWorkers ?? preset?.numberOfWorkers ?? glueJobDefaults.numberOfWorkers,
  };
};

/** How long a run may take at the most, in minutes, whatever its execution's input asks for. */
export const longestTimeoutMinutes = (job: AnyJob): number =>
  Math.max(jobSettings(job).timeoutMinutes, job.overrides?.maxTimeoutMinutes ?? 0);

/** Until Glue 4.0 continuous logging was something extra; since then all jobs log in real time. */
export const ofOldLogging = ({ glueVersion }: Pick<JobSettings, "glueVersion">): boolean => Number(glueVersion) < 5;

/** Whether Glue or the script needs a place for what is between its input and its output. */
export const needsTempDir = (job: AnyJob): boolean =>
  kindOf(job) === "streaming" || (job.bookmarks ?? "disable") !== "disable" || (job.connections ?? []).length > 0;
