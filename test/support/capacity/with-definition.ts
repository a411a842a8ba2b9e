import type { ResourceGraph } from "../../../local/resource-graph.ts";

/** The same program with another definition of its state machine. */
export const withDefinition = (graph: ResourceGraph, change: (definition: string) => string): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    resource.type === "aws:sfn/stateMachine:StateMachine"
      ? {
          ...resource,
          properties: { ...resource.properties, definition: change(String(resource.properties.definition)) },
        }
      : resource,
  ),
});

/** The same program whose calls are tried again after the whole of their delay: so often in one run as in another. */
export const withoutJitter = (graph: ResourceGraph): ResourceGraph =>
  withDefinition(graph, (definition) =>
    JSON.stringify(JSON.parse(definition, (key, value: unknown) => (key === "JitterStrategy" ? undefined : value))),
  );
