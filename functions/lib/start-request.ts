import type { ExecutionClass, StartJobRunRequest } from "@aws-sdk/client-glue";
import {
  fieldsOf,
  optionalChoice,
  optionalFlag,
  optionalNumber,
  optionalPolicy,
  optionalText,
  optionalWhole,
  shown,
  text,
} from "./glue-checks.ts";
import { invalidInput } from "./glue-error.ts";
import { finalStateArgument, isFinalState } from "./job-run-plan.ts";
import { capacityOf, checkWorkers, workerTypes } from "./workers.ts";
import { isRecord } from "./json.ts";
import type { JobDefinition } from "./job-definition.ts";
import type { RunDetails } from "./job-run.ts";
import type { Command } from "./workers.ts";

type Arguments = Readonly<Record<string, string>>;

const fieldNames = Object.keys({
  JobName: true,
  JobRunQueuingEnabled: true,
  JobRunId: true,
  Arguments: true,
  AllocatedCapacity: true,
  Timeout: true,
  MaxCapacity: true,
  SecurityConfiguration: true,
  NotificationProperty: true,
  WorkerType: true,
  NumberOfWorkers: true,
  ExecutionClass: true,
  ExecutionRoleSessionPolicy: true,
} satisfies Record<keyof StartJobRunRequest, true>);

const executionClasses: Readonly<Record<ExecutionClass, true>> = { STANDARD: true, FLEX: true };
/** Glue sets them itself. */
export const reservedArguments: readonly string[] = ["--debug", "--mode", "--JOB_NAME", "--endpoint"];
export const maxArgumentBytes = 260 * 1024;
export const maxTimeoutMinutes = 10_080;
/** More than any account has. The capacity of as many fits the integers of the API, which have 32 bits. */
const maxWorkers = 100_000;

/** A StartJobRun request whose fields have the right types. */
export interface StartRequest {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly jobName: string;
  /** A run to be run again. */
  readonly previousRunId?: string;
  readonly args: Arguments;
}

/** Reads the part of a request that does not depend on the job. */
export function readStartRequest(request: unknown): StartRequest {
  const fields = fieldsOf(request, fieldNames);
  const jobName = text(fields, "JobName");
  const previousRunId = optionalText(fields, "JobRunId");
  return { fields, jobName, ...(previousRunId !== undefined && { previousRunId }), args: argumentsOf(fields) };
}

/** A job's arguments with those of a run, as the script receives them. */
export function mergeArguments(job: JobDefinition, args: Arguments): Arguments {
  return { ...job.DefaultArguments, ...args, ...job.NonOverridableArguments };
}

/** What the run takes from its request and, for what that leaves open, from its job. */
export function detailsOf(job: JobDefinition, { fields, args }: StartRequest): Omit<RunDetails, "Attempt"> {
  checkSize(mergeArguments(job, args));
  const ExecutionClass = optionalChoice(fields, "ExecutionClass", executionClasses) ?? job.ExecutionClass ?? "STANDARD";
  const SecurityConfiguration = optionalText(fields, "SecurityConfiguration") ?? job.SecurityConfiguration;
  const policy = optionalPolicy(fields, "ExecutionRoleSessionPolicy");
  const notification = notificationOf(fields) ?? delayOf(job.NotifyDelayAfter);
  return {
    JobMode: "SCRIPT",
    Timeout: optionalWhole(fields, "Timeout", 1, maxTimeoutMinutes) ?? job.Timeout,
    GlueVersion: job.GlueVersion,
    JobRunQueuingEnabled: queuingOf(job, fields, ExecutionClass),
    LogGroupName: logGroups[commandOf(job)],
    ...sizeOf(job, fields, ExecutionClass),
    ...(Object.keys(args).length > 0 && { Arguments: args }),
    ...(SecurityConfiguration !== undefined && { SecurityConfiguration }),
    ...(policy !== undefined && { ExecutionRoleSessionPolicy: policy }),
    ...(notification !== undefined && { NotificationProperty: notification }),
    ...(job.MaintenanceWindow !== undefined && { MaintenanceWindow: job.MaintenanceWindow }),
  };
}

const logGroups: Readonly<Record<Command, string>> = {
  glueetl: "/aws-glue/jobs",
  gluestreaming: "/aws-glue/jobs",
  pythonshell: "/aws-glue/python-jobs",
  glueray: "/aws-glue/ray/jobs",
};

const commandOf = ({ Command = "glueetl" }: JobDefinition): Command => Command;

const delayOf = (NotifyDelayAfter: number | undefined) =>
  NotifyDelayAfter === undefined ? undefined : { NotifyDelayAfter };

type Size = Pick<RunDetails, "AllocatedCapacity" | "MaxCapacity" | "WorkerType" | "NumberOfWorkers" | "ExecutionClass">;

function sizeOf(job: JobDefinition, fields: StartRequest["fields"], executionClass: ExecutionClass): Size {
  const capacity = optionalNumber(fields, "MaxCapacity");
  const allocated = optionalWhole(fields, "AllocatedCapacity", 1, maxWorkers);
  // The job may be of a type that is newer than the list.
  const type =
    fields.WorkerType !== undefined && fields.WorkerType === job.WorkerType
      ? job.WorkerType
      : optionalChoice(fields, "WorkerType", workerTypes);
  const count = optionalWhole(fields, "NumberOfWorkers", 1, maxWorkers);
  if (job.Command === "pythonshell") {
    if (type !== undefined || count !== undefined) {
      throw invalidInput("A Python shell job takes MaxCapacity, not WorkerType and NumberOfWorkers");
    }
    const max = capacity ?? job.MaxCapacity ?? 0.0625;
    if (max !== 0.0625 && max !== 1) {
      throw invalidInput(`MaxCapacity of a Python shell job must be 0.0625 or 1, got ${max}`);
    }
    return { MaxCapacity: max, AllocatedCapacity: Math.floor(max) };
  }
  if (capacity !== undefined || allocated !== undefined) {
    throw invalidInput("MaxCapacity and AllocatedCapacity cannot be given to a job that has a WorkerType");
  }
  const workers = {
    WorkerType: type ?? job.WorkerType ?? "G.1X",
    NumberOfWorkers: count ?? job.NumberOfWorkers ?? 10,
    GlueVersion: job.GlueVersion,
    ExecutionClass: executionClass,
    Command: commandOf(job),
  };
  checkWorkers(workers);
  const max = capacityOf(workers);
  const { WorkerType, NumberOfWorkers, ExecutionClass } = workers;
  return { WorkerType, NumberOfWorkers, ExecutionClass, MaxCapacity: max, AllocatedCapacity: Math.floor(max) };
}

function queuingOf(job: JobDefinition, fields: StartRequest["fields"], executionClass: ExecutionClass): boolean {
  const queuing = optionalFlag(fields, "JobRunQueuingEnabled") ?? job.JobRunQueuingEnabled;
  if (queuing && executionClass === "FLEX") throw invalidInput("JobRunQueuingEnabled cannot be true with FLEX");
  return queuing;
}

/** Whether Glue gives and takes workers while a run of the job goes on. */
export const autoScales = (job: JobDefinition, args: Arguments): boolean =>
  mergeArguments(job, args)["--enable-auto-scaling"] === "true";

function notificationOf(fields: StartRequest["fields"]): { NotifyDelayAfter: number } | undefined {
  const value = fields.NotificationProperty ?? undefined;
  if (value === undefined) return undefined;
  const property = fieldsOf(value, ["NotifyDelayAfter"], "NotificationProperty");
  const delay = optionalWhole(property, "NotifyDelayAfter", 1, maxTimeoutMinutes);
  return delay === undefined ? undefined : { NotifyDelayAfter: delay };
}

function argumentsOf(fields: StartRequest["fields"]): Arguments {
  const value = fields.Arguments ?? {};
  if (!isRecord(value)) throw invalidInput(`Arguments must be an object, got ${shown(value)}`);
  const given: (readonly [string, string])[] = [];
  for (const [name, argument] of Object.entries(value)) {
    if (typeof argument !== "string") throw invalidInput(`Arguments.${name} must be a text, got ${shown(argument)}`);
    if (reservedArguments.includes(name)) {
      throw invalidInput(`Arguments.${name} is set by Glue itself and cannot be given`);
    }
    given.push([name, argument]);
  }
  // An argument may have any name, that of an object's prototype too.
  const args = Object.fromEntries(given);
  const state = args[finalStateArgument];
  if (state !== undefined && !isFinalState(state)) {
    throw invalidInput(`Arguments.${finalStateArgument} must be a final state of a job run, got ${shown(state)}`);
  }
  return args;
}

function checkSize(args: Arguments): void {
  const bytes = Object.entries(args).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxArgumentBytes) {
    throw invalidInput(`Arguments must be ${maxArgumentBytes} bytes at most in all, got ${bytes}`);
  }
}
