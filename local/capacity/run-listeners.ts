import { endOfJobRun, jobStateChange } from "../../functions/lib/job-run-end.ts";
import type { JobRunState } from "@aws-sdk/client-glue";
import type { ResourceGraph } from "../resource-graph.ts";
import { compilePattern, type Pattern } from "../services/event-patterns.ts";
import { Properties } from "../services/properties.ts";
import type { CapacityFunction } from "./program.ts";

/** The functions that a rule calls once a run of the job has ended so. */
export type RunListeners = (jobName: string, state: JobRunState) => readonly CapacityFunction[];

/** The module of who ends the task that waits for a run: that is billed with the task. */
const resolver = "resolve-job-run";

/** Reads which functions the program has called for ends of runs. */
export const readRunListeners = (
  graph: ResourceGraph,
  functions: ReadonlyMap<string, CapacityFunction>,
): RunListeners => {
  const rules = rulesOf(graph, functions);
  const known = new Map<string, readonly CapacityFunction[]>();
  return (jobName, state) => {
    const key = `${jobName} ${state}`;
    const called = known.get(key) ?? calledFor(rules, jobName, state);
    known.set(key, called);
    return called;
  };
};

interface Rule {
  readonly matches: Pattern;
  readonly called: CapacityFunction;
}

const rulesOf = (graph: ResourceGraph, functions: ReadonlyMap<string, CapacityFunction>): readonly Rule[] =>
  graph.resources
    .filter(({ type }) => type === "aws:cloudwatch/eventTarget:EventTarget")
    .flatMap((target) => {
      const { arn, rule: name } = target.properties;
      const called = functions.get(String(arn));
      const rule = graph.resources.find(
        ({ type, properties }) => type === "aws:cloudwatch/eventRule:EventRule" && properties.name === name,
      );
      const pattern = rule && Properties.of(rule).optionalString("eventPattern");
      if (called === undefined || called.module === resolver || pattern === undefined) return [];
      return [{ matches: compilePattern(JSON.parse(pattern), "eventPattern"), called }];
    });

const calledFor = (rules: readonly Rule[], JobName: string, JobRunState: JobRunState): readonly CapacityFunction[] => {
  const detail = endOfJobRun({ JobName, JobRunState });
  if (detail === undefined) return [];
  const told = { source: "aws.glue", "detail-type": jobStateChange, detail };
  return rules.filter(({ matches }) => matches(told)).map(({ called }) => called);
};
