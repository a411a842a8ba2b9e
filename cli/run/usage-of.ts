import type { Usage } from "../../local/cost.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";
import { at, textAt } from "./json.ts";
import type { Ledger } from "./ledger.ts";
import { isExpress, runsOf } from "./records.ts";

const STREAM = "aws:kinesis/stream:Stream";
const FUNCTION = "aws:lambda/function:Function";
/** Lambda's own defaults. */
const DEFAULT_MEMORY_MB = 128;
/** Kinesis's own. */
const DEFAULT_RETENTION_HOURS = 24;
/** Part of the URN of what belongs to a simulated job, or of its parent's: real mode does not have it. */
const SIMULATED = "SimulatedGlueJob$";
/** Part of the URN of what stands between the state machine and a job, whoever runs it. */
const EITHER = "TokenFunctions$";

/** What AWS would have charged for, had the job been a real one. */
export function usageOf(ledger: Ledger, graph: ResourceGraph): Usage {
  const functions = graph.resources.filter((resource) => resource.type === FUNCTION && !isSimulated(resource));
  const { executions, others } = ledger;
  const standard = executions.filter(({ arn }) => !isExpress(arn));
  const express = executions
    .filter(({ arn }) => isExpress(arn))
    .map(({ startDate, stopDate }) => (stopDate ?? startDate) - startDate);
  const children = executions.flatMap((execution) =>
    [...execution.children.values()].flatMap(({ expressDurations }) => expressDurations),
  );
  const streams = graph.resources.filter(({ type }) => type === STREAM).flatMap(streamOf(ledger.elapsed));
  return {
    ...(streams.length > 0 && { streams }),
    jobRuns: [...executions.flatMap(runsOf), ...others.jobRuns],
    transitions: standard.reduce((sum, { transitions }) => sum + transitions, others.transitions),
    expressExecutions: [...express, ...children, ...others.expressDurations].map((durationMs) => ({ durationMs })),
    invocations: functions.flatMap((resource) => invocationsOf(ledger, resource)),
  };
}

/** Without a number of shards a stream is charged by what goes through it. */
const streamOf =
  (durationMs: number) =>
  ({ properties }: Resource): NonNullable<Usage["streams"]> => {
    const [shards, retention] = [at(properties, "shardCount"), at(properties, "retentionPeriod")];
    if (typeof shards !== "number") return [];
    return [
      { shards, retentionHours: typeof retention === "number" ? retention : DEFAULT_RETENTION_HOURS, durationMs },
    ];
  };

function invocationsOf(ledger: Ledger, { name, properties }: Resource): Usage["invocations"] {
  const memory = at(properties, "memorySize");
  const architectures = at(properties, "architectures");
  const call = {
    memoryMb: typeof memory === "number" ? memory : DEFAULT_MEMORY_MB,
    architecture: Array.isArray(architectures) && architectures.includes("arm64") ? "arm64" : "x86_64",
  } as const;
  const calls = ledger.invocations.get(textAt(properties, "name") ?? name) ?? 0;
  return Array.from({ length: calls }, () => call);
}

/** `simulated`, `real`, or nothing for a program that has no job. */
export function modeOf(graph: ResourceGraph): string {
  if (graph.resources.some(isSimulated)) return "simulated";
  return graph.resources.some(({ type }) => type === "aws:glue/job:Job") ? "real" : "";
}

const isSimulated = ({ urn, parent = "" }: Resource): boolean =>
  (urn.includes(SIMULATED) || parent.includes(SIMULATED)) && !urn.includes(EITHER);
