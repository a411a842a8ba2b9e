import { fileURLToPath } from "node:url";
import { evaluate } from "../../local/evaluate.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";

export const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));

const evaluated = new Map<string, Promise<ResourceGraph>>();

/** What this project's program declares; each stack and config is evaluated once. */
export const graphOf = (stack: string, config: Readonly<Record<string, string>> = {}): Promise<ResourceGraph> => {
  const key = JSON.stringify([stack, config]);
  const graph = evaluated.get(key) ?? evaluate({ directory: projectDirectory, stack, config });
  evaluated.set(key, graph);
  return graph;
};

export const resourcesOf = (graph: ResourceGraph, type: string): readonly Resource[] =>
  graph.resources.filter((resource) => resource.type === type);

/** The one resource of a type and a name. */
export const resourceOf = (graph: ResourceGraph, type: string, name: string): Resource => {
  const [resource, ...others] = resourcesOf(graph, type).filter((candidate) => candidate.name === name);
  if (resource === undefined || others.length > 0) throw new Error(`not one ${type} named ${name}`);
  return resource;
};

export const definitionOf = (graph: ResourceGraph): Record<string, unknown> => {
  const [machine] = resourcesOf(graph, "aws:sfn/stateMachine:StateMachine");
  return JSON.parse(String(machine?.properties.definition)) as Record<string, unknown>;
};
