import { fileURLToPath } from "node:url";
import { evaluate } from "../../local/evaluate.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";

export const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));

type Config = Readonly<Record<string, string>>;

/**
 * What the program of a folder declares; each stack and config is evaluated once.
 * @param usual config that holds where a test says nothing else
 * @returns takes the stack and the config, the stack `local` unless given
 */
export const graphsOf = (
  directory: string,
  usual: Config = {},
): ((stack?: string, config?: Config) => Promise<ResourceGraph>) => {
  const evaluated = new Map<string, Promise<ResourceGraph>>();
  return (stack = "local", config = {}) => {
    const key = JSON.stringify([stack, config]);
    const graph = evaluated.get(key) ?? evaluate({ directory, stack, config: { ...usual, ...config } });
    evaluated.set(key, graph);
    return graph;
  };
};

/** What this project's program declares. */
export const graphOf = graphsOf(projectDirectory);

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
