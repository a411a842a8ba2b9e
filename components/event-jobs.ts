import * as pulumi from "@pulumi/pulumi";
import type { EventAccess, EventJob, GlueJob } from "./glue-job.ts";
import { mergedStatements } from "./merged-statements.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { useKey } from "./security/key-use.ts";

/** One of the jobs that functions serve together. */
export interface NamedEventJob {
  readonly jobName: pulumi.Input<string>;
  readonly job: EventJob;
}

/** Those jobs of whose runs' ends events tell. */
export const eventJobsIn = (jobs: readonly Pick<GlueJob, "jobName" | "calls">[]): readonly NamedEventJob[] =>
  jobs.flatMap(({ jobName, calls }) => (calls.completion === "event" ? [{ jobName, job: calls }] : []));

/** What a function may do with all the jobs, in as few statements as one job needs. */
export const statementsOf = (
  jobs: readonly NamedEventJob[],
  what: keyof EventAccess["statements"],
): readonly Statement[] => mergedStatements(jobs.flatMap(({ job }) => job.access.statements[what]));

type SimulatedPart = keyof NonNullable<EventAccess["simulated"]>;

/** What a function is told of the simulated jobs, as `callsOf` of the functions reads it; nothing where there are none. */
export const simulatedJobs = (
  jobs: readonly NamedEventJob[],
  parts: readonly SimulatedPart[],
): Readonly<Record<string, pulumi.Input<string>>> => {
  const simulated = jobs.flatMap(({ jobName, job: { access } }) => {
    if (access.simulated === undefined) return [];
    const { start, get, list, ends } = access.simulated;
    const all: Readonly<Record<SimulatedPart, pulumi.Input<string>>> = {
      start: start.name,
      get: get.name,
      list: list.name,
      ends: ends.url,
    };
    return [pulumi.all([jobName, pulumi.all(Object.fromEntries(parts.map((part) => [part, all[part]])))])];
  });
  if (simulated.length === 0) return {};
  return { SIMULATED_JOBS: pulumi.jsonStringify(pulumi.all(simulated).apply((named) => Object.fromEntries(named))) };
};

/** What a function needs besides that sends to the encrypted queues of simulated jobs. */
export const announceEnds = (
  jobs: readonly NamedEventJob[],
  encryption: Encryption | undefined,
): readonly Statement[] => {
  const [first, ...others] = jobs.flatMap(({ job: { access } }) => access.simulated?.ends.arn ?? []);
  if (first === undefined) return [];
  return useKey(encryption, {
    sid: "EncryptAnnouncement",
    via: "sqs",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    conditions: {
      StringEquals: { "kms:EncryptionContext:aws:sqs:arn": others.length === 0 ? first : [first, ...others] },
    },
  });
};
