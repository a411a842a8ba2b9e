import type { ResourceGraph } from "../../local/resource-graph.ts";
import { isObject, parsed } from "./json.ts";
import { isCommonState, stateNameOf, type StateName } from "./stages.ts";

const STATE_MACHINE = "aws:sfn/stateMachine:StateMachine";

/** The rendered definitions of a program's state machines, by the machine's name in the program. */
export function definitionsOf(graph: ResourceGraph): Readonly<Record<string, unknown>> {
  const machines = graph.resources.filter(({ type }) => type === STATE_MACHINE);
  return Object.fromEntries(machines.map(({ name, properties }) => [name, parsed(properties.definition)]));
}

/** What the parts of a program's pipelines are called, where these have stages. */
export function stageNamesOf(graph: ResourceGraph): readonly string[] {
  const stages = stagedStatesOf(graph).map(({ stage }) => stage);
  return [...new Set(stages.filter((stage) => !isCommonState(stage)))];
}

/** The stages that run a job. */
export function jobStagesOf(graph: ResourceGraph): readonly string[] {
  const jobs = stagedStatesOf(graph).filter(({ verb }) => verb === "StartJobRun");
  return [...new Set(jobs.map(({ stage }) => stage))];
}

/** The states of machines with stages: those of a machine with one job have no stage's name. */
function stagedStatesOf(graph: ResourceGraph): readonly StateName[] {
  return Object.values(definitionsOf(graph)).flatMap((definition) => {
    const names = stateNamesIn(definition).map(stateNameOf);
    return names.some(({ stage, verb }) => verb !== undefined && stage === "") ? [] : names;
  });
}

/** At any depth: branches and maps have states of their own. */
function stateNamesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(stateNamesIn);
  if (!isObject(value)) return [];
  const own = isObject(value.States) ? Object.keys(value.States) : [];
  return [...own, ...Object.values(value).flatMap(stateNamesIn)];
}

/**
 * Masks what may differ between stacks: who answers a task (its Resource, and the name of a function that a Lambda
 * integration calls), the account in ARNs and queue addresses, and what makes physical names unique.
 */
export function masked(value: unknown): unknown {
  if (typeof value === "string")
    return value
      .replaceAll(/(?<=[:/])\d{12}(?=[:/])/g, "ACCOUNT")
      .replaceAll(/(?<=[0-9a-z]-)[0-9a-f]{7}(?![0-9A-Za-z])/g, "ID");
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  const isTask = value.Type === "Task";
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isTask && name === "Resource" ? "RESOURCE" : masked(inner)]),
  );
}
