import {
  PolicyPack,
  type Policy,
  type PolicyConfigSchema,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { resourceRules, stackRules } from "./rules/all.ts";
import { known } from "./known.ts";
import type { ResourceRule, Settings, StackRule } from "./rules/rule.ts";

const resourcePolicy = ({ check, types, ...rule }: ResourceRule): ResourceValidationPolicy => ({
  ...basics(rule),
  validateResource: (args, report) => {
    if (!types.includes(args.type)) return;
    const resource = { type: args.type, urn: args.urn, properties: known(args.props), sources: () => [] };
    for (const message of check(resource, args.getConfig<Settings>())) report(message);
  },
});

const stackPolicy = ({ check, ...rule }: StackRule): StackValidationPolicy => ({
  ...basics(rule),
  validateStack: (args, report) => {
    const resources = args.resources.map(({ type, urn, props, propertyDependencies }) => ({
      type,
      urn,
      properties: known(props),
      sources: (property: string) => (propertyDependencies[property] ?? []).map((source) => source.urn),
    }));
    for (const { message, urn } of check(resources, args.getConfig<Settings>())) report(message, urn);
  },
});

const basics = ({ name, description, level, settings }: Omit<ResourceRule, "check" | "types">): Policy => ({
  name,
  description,
  enforcementLevel: level,
  configSchema: { properties: schemaOf(settings) },
});

/** What users may set has the type of its default. */
const schemaOf = (settings: Settings): PolicyConfigSchema["properties"] =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]): [string, PolicyConfigSchema["properties"][string]] => {
      if (typeof value === "number") return [name, { type: "number", default: value }];
      if (typeof value === "boolean") return [name, { type: "boolean", default: value }];
      return [name, { type: "array", items: { type: "string" }, default: [...value] }];
    }),
  );

new PolicyPack("glue-pipeline", {
  policies: [...resourceRules.map(resourcePolicy), ...stackRules.map(stackPolicy)],
});
