import type { RunFields } from "./run-rules.ts";
import type { OperationName } from "../support/glue/model.ts";

const JobName = "process-csv";
const noRun = `jr_${"0".repeat(64)}`;
/** What a rule refuses that no model has. */
export const againstRules = ["InvalidInputException"] as const;

/** What the run takes from its request, one field at a time, with what it must tell then. */
export const overrides: readonly (readonly [RunFields, RunFields?])[] = [
  [{ Timeout: 10 }],
  [
    { WorkerType: "G.2X", NumberOfWorkers: 5 },
    { MaxCapacity: 10, AllocatedCapacity: 10 },
  ],
  [{ NumberOfWorkers: 4 }, { WorkerType: "G.1X", MaxCapacity: 4, AllocatedCapacity: 4 }],
  [{ ExecutionClass: "FLEX" }],
  [{ SecurityConfiguration: "sealed" }],
  [{ NotificationProperty: { NotifyDelayAfter: 5 } }],
  [{ ExecutionRoleSessionPolicy: '{\n  "Version": "2012-10-17"\n}' }],
  [{ JobRunQueuingEnabled: true }],
];

/** Requests that the model forbids, or rules of Glue's that are no part of it. */
export const wrongStarts: readonly (readonly [string, Readonly<Record<string, unknown>>, (readonly string[])?])[] = [
  ["no job name", { JobName: undefined }],
  ["an empty job name", { JobName: "" }],
  ["a job name of 256 characters", { JobName: "j".repeat(256) }],
  ["a job name on two lines", { JobName: "a\nb" }],
  ["a job name that is a number", { JobName: 1 }],
  ["a previous run's id of 256 characters", { JobRunId: "j".repeat(256) }],
  ["arguments that are no texts", { Arguments: { "--attempt": 1 } }],
  ["arguments that are a list", { Arguments: ["--a"] }],
  ["a timeout of 0", { Timeout: 0 }],
  ["a timeout that is a text", { Timeout: "10" }],
  ["no worker", { NumberOfWorkers: 0 }, againstRules],
  ["a single worker", { NumberOfWorkers: 1 }, againstRules],
  ["an unknown worker type", { WorkerType: "G.3X" }],
  ["an unknown execution class", { ExecutionClass: "SPOT" }],
  ["capacity beside workers", { MaxCapacity: 10 }, againstRules],
  ["allocated capacity beside workers", { AllocatedCapacity: 10 }, againstRules],
  ["FLEX with large workers", { ExecutionClass: "FLEX", WorkerType: "G.4X" }, againstRules],
  ["FLEX with a queue", { ExecutionClass: "FLEX", JobRunQueuingEnabled: true }, againstRules],
  ["a queue that is a text", { JobRunQueuingEnabled: "yes" }],
  ["a security configuration without a name", { SecurityConfiguration: "" }],
  ["a notification that is a text", { NotificationProperty: "5" }],
  ["a notification after no time", { NotificationProperty: { NotifyDelayAfter: 0 } }],
  ["a session policy of one character", { ExecutionRoleSessionPolicy: "x" }],
  ["a session policy of 2,049 characters", { ExecutionRoleSessionPolicy: "x".repeat(2049) }],
  ["the reserved argument --JOB_NAME", { Arguments: { "--JOB_NAME": "1" } }, againstRules],
];

export const wrongLooks: readonly (readonly [OperationName, string, Readonly<Record<string, unknown>>])[] = [
  ["GetJobRun", "no job name", { RunId: noRun }],
  ["GetJobRun", "no run id", { JobName }],
  ["GetJobRun", "an empty run id", { JobName, RunId: "" }],
  ["GetJobRun", "a run id of 256 characters", { JobName, RunId: "j".repeat(256) }],
  ["GetJobRun", "predecessors that are a text", { JobName, RunId: noRun, PredecessorsIncluded: "no" }],
  ["GetJobRuns", "no job name", {}],
  ["GetJobRuns", "pages of none", { JobName, MaxResults: 0 }],
  ["GetJobRuns", "pages of 201", { JobName, MaxResults: 201 }],
  ["GetJobRuns", "a token of no answer", { JobName, NextToken: "next" }],
  ["BatchStopJobRun", "no job name", { JobRunIds: [noRun] }],
  ["BatchStopJobRun", "no runs", { JobName, JobRunIds: [] }],
  ["BatchStopJobRun", "26 runs", { JobName, JobRunIds: Array.from({ length: 26 }, (_, n) => `jr_${n}`) }],
  ["BatchStopJobRun", "a run id on two lines", { JobName, JobRunIds: ["a\nb"] }],
];
