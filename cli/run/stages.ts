import type { JobRun } from "@aws-sdk/client-glue";
import { groupedBy } from "./grouped.ts";
import { runsOf, type ExecutionRecord } from "./records.ts";

/** What the states of a job do, in the order in which they do it. */
export const jobVerbs = [
  "StartJobRun",
  "FindJobRun",
  "WaitForJobRun",
  "GetJobRun",
  "CheckJobRun",
  "BackOff",
  "StopJobRun",
] as const;

export type JobVerb = (typeof jobVerbs)[number];

/** A state's name taken apart. */
export interface StateName {
  /** What it is a part of; empty where the pipeline has one job and no stages. */
  readonly stage: string;
  /** Undefined: a state of another kind, which is named as its stage. */
  readonly verb?: JobVerb;
}

/** `Clean StartJobRun` is what the stage `Clean` does first; `Validate` is a state of its own. */
export function stateNameOf(name: string): StateName {
  const split = name.lastIndexOf(" ");
  const verb = jobVerbs.find((each) => each === name.slice(split + 1));
  return verb === undefined ? { stage: name } : { stage: name.slice(0, Math.max(0, split)), verb };
}

/** States of every pipeline: it is not by them that lines of a run are told apart. */
const COMMON = /^(Validate|Notify\w+|Succeeded|Rejected|Failed|KeepFailure)$/;

export const isCommonState = (name: string): boolean => COMMON.test(name);

/** The stage that a run belongs to, as its arguments name it; empty where there are no stages. */
export const stageOf = (run: JobRun): string => run.Arguments?.["--stage"] ?? "";

/** Where a run writes; undefined: its arguments do not say. */
export function outputOf(run: JobRun): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(run.Arguments?.["--output"] ?? "") ?? [];
  return bucket === undefined || prefix === undefined || prefix === "" ? undefined : { bucket, prefix };
}

/** The runs of an execution by stage, in the order in which the stages began. */
export const runsByStage = (execution: ExecutionRecord): ReadonlyMap<string, readonly JobRun[]> =>
  groupedBy(runsOf(execution), stageOf);
