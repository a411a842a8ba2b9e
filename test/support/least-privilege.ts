import type { CloudEvent } from "../../local/events.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";

export interface PolicyStatement {
  readonly Sid: string;
  readonly Action: readonly string[];
}

interface Document {
  readonly Statement: readonly PolicyStatement[];
}

/** What there is to see of a run: its events, and the bodies of messages in the failure queue. */
export interface ObservedRun {
  readonly events: readonly CloudEvent[];
  readonly failures: readonly string[];
}

/** What of a run tells that a permission was missing. */
export const denials = ({ events, failures }: ObservedRun): readonly string[] =>
  JSON.stringify([events, failures]).match(/AccessDenied[^"]*|is not authorized to perform[^"]*/g) ?? [];

/** Whether a run is denied something; some permissions are checked when what needs them is made, as on AWS. */
export const deniedIn = async (run: () => Promise<ObservedRun>): Promise<boolean> => {
  try {
    return denials(await run()).length > 0;
  } catch (error) {
    if (error instanceof Error && /AccessDenied|is not authorized to perform/.test(`${error.name} ${error.message}`)) {
      return true;
    }
    throw error;
  }
};

/** Names of those without which a run is denied nothing. */
export const unneededIn = async (
  taken: readonly Taken[],
  run: (graph: ResourceGraph) => Promise<ObservedRun>,
): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const { name, graph } of taken) if (!(await deniedIn(() => run(graph)))) names.push(name);
  return names;
};

/** The same graph with another policy. */
export const withPolicy = (
  graph: ResourceGraph,
  resource: Resource,
  statements: readonly PolicyStatement[],
): ResourceGraph => {
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const changed = { ...resource, properties: { ...resource.properties, policy } };
  return { ...graph, resources: graph.resources.map((other) => (other === resource ? changed : other)) };
};

export const statementsOf = ({ properties }: Resource): readonly PolicyStatement[] =>
  (JSON.parse(String(properties.policy)) as Document).Statement;

export interface Taken {
  /** `policy.Sid` */
  readonly name: string;
  readonly graph: ResourceGraph;
}

/** The graph without one statement of a policy, for each. */
export const withoutEach = (graph: ResourceGraph, resource: Resource): readonly Taken[] =>
  statementsOf(resource).map(({ Sid }) => ({
    name: `${resource.name}.${Sid}`,
    graph: withPolicy(
      graph,
      resource,
      statementsOf(resource).filter((statement) => statement.Sid !== Sid),
    ),
  }));
