import type { ResourceGraph } from "../../local/resource-graph.ts";
import { isObject, parsed } from "./json.ts";

const STATE_MACHINE = "aws:sfn/stateMachine:StateMachine";

/** The rendered definitions of a program's state machines, by the machine's name in the program. */
export function definitionsOf(graph: ResourceGraph): Readonly<Record<string, unknown>> {
  const machines = graph.resources.filter(({ type }) => type === STATE_MACHINE);
  return Object.fromEntries(machines.map(({ name, properties }) => [name, parsed(properties.definition)]));
}

/**
 * Masks what may differ between stacks: who answers a task (its Resource, and the name of a function that a Lambda
 * integration calls), and the account in ARNs and queue addresses.
 */
export function masked(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(/(?<=[:/])\d{12}(?=[:/])/g, "ACCOUNT");
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  const isTask = value.Type === "Task";
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isTask && name === "Resource" ? "RESOURCE" : masked(inner)]),
  );
}
