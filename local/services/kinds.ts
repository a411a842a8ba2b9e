import type { Resource, ResourceGraph } from "../resource-graph.ts";

/** What the embedded cloud makes of one type of resource. */
export interface ResourceKind {
  /** Properties that decide what happens here. */
  readonly honoured: readonly string[];
  /** Properties that change nothing here, each with the reason. */
  readonly ignored?: Readonly<Record<string, string>>;
}

export type ResourceKinds = Readonly<Record<string, ResourceKind>>;

/** A property that the program gave and that changes nothing here. */
export interface NotHonoured {
  readonly resource: Resource;
  /** Absent where the whole resource changes nothing. */
  readonly property?: string;
  readonly reason: string;
}

const ignoredEverywhere: Readonly<Record<string, string>> = {
  tags: "tags are labels: nothing here reads them",
  description: "a description is for people",
  forceDestroy: "nothing is destroyed here",
  region: "there is one Region here",
};

/** Checks that each resource is of a known type, and lists what the program gave that changes nothing here. */
export const listNotHonoured = (graph: ResourceGraph, kinds: ResourceKinds, inert: Inert): readonly NotHonoured[] => {
  const unknown = graph.resources.filter(({ type }) => kinds[type] === undefined && inert[type] === undefined);
  if (unknown.length > 0) {
    const names = unknown.map(({ type, name }) => `${type} (${name})`).join(", ");
    throw new Error(`the embedded cloud does not know these types of resource: ${names}`);
  }
  return graph.resources.flatMap((resource) => {
    const reason = inert[resource.type];
    if (reason !== undefined) return [{ resource, reason }];
    const kind = kinds[resource.type];
    return kind === undefined ? [] : ignoredProperties(resource, kind);
  });
};

/** Types of resource that change nothing here, each with the reason. */
export type Inert = Readonly<Record<string, string>>;

const ignoredProperties = (resource: Resource, kind: ResourceKind): readonly NotHonoured[] =>
  resource.given
    .filter((property) => !kind.honoured.includes(property))
    .map((property) => ({
      resource,
      property,
      reason:
        kind.ignored?.[property] ?? ignoredEverywhere[property] ?? "the embedded cloud does not simulate what it does",
    }));
