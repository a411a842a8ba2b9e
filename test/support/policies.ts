import { resourceRules, stackRules } from "../../policies/rules/all.ts";
import type { Declared, Settings } from "../../policies/rules/rule.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";

/** The resources of a graph, as a policy pack would be shown them by Pulumi's engine. */
export const declaredBy = ({ resources }: Pick<ResourceGraph, "resources">): readonly Declared[] =>
  resources.map(({ type, urn, properties, given }) => ({
    type,
    urn,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => given.includes(name))),
    // The engine knows where a value came from; here a bucket is known by its name, which no two have.
    sources: (property) =>
      resources
        .filter(({ type: source, id }) => source === "aws:s3/bucket:Bucket" && id === properties[property])
        .map((source) => source.urn),
  }));

/** What each rule finds wrong: `rule: name: message`. */
export const violationsIn = (
  resources: readonly Declared[],
  settings: Readonly<Record<string, Settings>> = {},
): readonly string[] => {
  const say = (rule: string, urn: string, message: string): string =>
    `${rule}: ${urn.split("::").at(-1) ?? urn}: ${message}`;
  return [
    ...resourceRules.flatMap(({ name, check }) =>
      resources.flatMap((resource) =>
        check(resource, settings[name] ?? {}).map((message) => say(name, resource.urn, message)),
      ),
    ),
    ...stackRules.flatMap(({ name, check }) =>
      check(resources, settings[name] ?? {}).map(({ urn, message }) => say(name, urn, message)),
    ),
  ];
};
