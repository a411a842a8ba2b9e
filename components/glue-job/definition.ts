import type * as pulumi from "@pulumi/pulumi";
import type { JobDefinition } from "../../functions/lib/job-definition.ts";
import type { AnyJob } from "./kinds.ts";
import { argumentsFrom } from "./managed-arguments.ts";
import { jobSettings } from "./settings.ts";

type Required = {
  [Key in keyof JobDefinition]-?: undefined extends JobDefinition[Key] ? never : Key;
}[keyof JobDefinition];

/** A job under Glue's own names, for the simulation; files and log groups are the real job's alone. */
export const jobDefinition = (
  jobName: pulumi.Output<string>,
  job: AnyJob,
): Readonly<Record<Required, unknown> & Partial<Record<keyof JobDefinition, unknown>>> => {
  const settings = jobSettings(job);
  const { command } = settings.kind;
  // JSON leaves out what is undefined.
  return {
    Name: jobName,
    Command: command === "glueetl" ? undefined : command,
    GlueVersion: settings.glueVersion,
    WorkerType: settings.workerType,
    NumberOfWorkers: settings.numberOfWorkers,
    MaxCapacity: settings.maxCapacity,
    ExecutionClass: settings.executionClass === "FLEX" ? "FLEX" : undefined,
    Timeout: settings.timeoutMinutes,
    MaxConcurrentRuns: settings.maxConcurrentRuns,
    JobRunQueuingEnabled: settings.jobRunQueuing,
    DefaultArguments: { ...argumentsFrom({ job, settings, files: {} }), ...job.defaultArguments },
    NonOverridableArguments: job.nonOverridableArguments,
    SecurityConfiguration: job.securityConfiguration,
    NotifyDelayAfter: job.notifyDelayAfterMinutes,
    MaintenanceWindow: job.maintenanceWindow,
  };
};
