import type { Resource, ResourceGraph } from "../resource-graph.ts";
import type { Integration } from "./integrations/caller.ts";
import type { Knows } from "./integrations/integration.ts";
import { findIntegration } from "./integrations/integration.ts";
import type { Machine } from "./machine.ts";
import { parseMachine } from "./parse.ts";
import { DefinitionError, shown } from "./problems.ts";

/** A state machine that the program declares, ready to run. */
export interface LoadedMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly definition: string;
  readonly machine: Machine;
  /** By the Resource of a Task. */
  readonly integrations: ReadonlyMap<string, Integration>;
}

/** The machines of a program by ARN. Throws DefinitionError with the problems of all. */
export function loadMachines(graph: ResourceGraph, knows: Knows): ReadonlyMap<string, LoadedMachine> {
  const problems: string[] = [];
  const machines = new Map<string, LoadedMachine>();
  for (const resource of graph.resources) {
    if (resource.type !== "aws:sfn/stateMachine:StateMachine") continue;
    try {
      const machine = load(resource, knows);
      machines.set(machine.arn, machine);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems.map((problem) => `${resource.name}: ${problem}`));
    }
  }
  if (problems.length > 0) throw new DefinitionError(problems);
  return machines;
}

function load(resource: Resource, knows: Knows): LoadedMachine {
  const type = text(resource, "type", "STANDARD");
  if (type !== "STANDARD" && type !== "EXPRESS") {
    throw new DefinitionError([`type must be STANDARD or EXPRESS, got ${JSON.stringify(type)}`]);
  }
  const definition = text(resource, "definition");
  const integrations = new Map<string, Integration>();
  const checkResource = (arn: string): string | undefined => {
    const found = findIntegration(arn, knows);
    if (typeof found === "string") return found;
    integrations.set(arn, found);
    return undefined;
  };
  return {
    arn: text(resource, "arn"),
    name: text(resource, "name"),
    roleArn: text(resource, "roleArn"),
    type,
    definition,
    machine: parseMachine(parseJson(definition), { type, checkResource }),
    integrations,
  };
}

function text(resource: Resource, property: string, otherwise?: string): string {
  const value = resource.properties[property] ?? otherwise;
  if (typeof value === "string") return value;
  throw new DefinitionError([`${property} must be text, got ${shown(value)}`]);
}

function parseJson(definition: string): unknown {
  try {
    return JSON.parse(definition);
  } catch (error) {
    throw new DefinitionError([`definition must be JSON: ${String(error)}`]);
  }
}
