import type { Resource, ResourceGraph } from "../resource-graph.ts";
import { Properties } from "../services/properties.ts";
import { parsePolicy, type Statement } from "./policy.ts";

/** A role with all that it may do. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: readonly Statement[];
  readonly statements: readonly Statement[];
}

/** The graph's roles by ARN, with their inline and attached policies. */
export const rolesOf = (graph: ResourceGraph): ReadonlyMap<string, Role> => {
  const resources = graph.resources.filter(({ type }) => type === "aws:iam/role:Role");
  const roles = new Map<string, Role & { readonly statements: Statement[] }>();
  for (const resource of resources) {
    const role = readRole(resource, graph);
    roles.set(role.arn, role);
  }
  const byReference = new Map([...roles.values()].flatMap((role) => [role.name, role.arn].map((key) => [key, role])));
  for (const resource of graph.resources) {
    const added = attachment(resource, graph);
    if (added === undefined) continue;
    for (const reference of added.roles) {
      const role = byReference.get(reference);
      if (role === undefined) {
        throw new Error(
          `${resource.type} ${resource.name}.role names "${reference}", which is not a role of this program`,
        );
      }
      role.statements.push(...added.statements);
    }
  }
  return roles;
};

/** The role with this ARN, or an error. */
export const findRole = (roles: ReadonlyMap<string, Role>, arn: string): Role => {
  const role = roles.get(arn);
  if (role !== undefined) return role;
  throw new Error(`no role of this program has the ARN "${arn}"; there are ${[...roles.keys()].join(", ") || "none"}`);
};

const readRole = (resource: Resource, graph: ResourceGraph): Role & { readonly statements: Statement[] } => {
  const properties = Properties.of(resource);
  const where = `${resource.type} ${resource.name}`;
  const inline = properties
    .children("inlinePolicies")
    .flatMap((policy, index) => parsePolicy(policy.any("policy"), "identity", `${where}.inlinePolicies[${index}]`));
  const managed = properties.strings("managedPolicyArns").flatMap((arn) => managedPolicy(arn, where, graph));
  return {
    name: properties.string("name"),
    arn: properties.string("arn"),
    trust: parsePolicy(properties.any("assumeRolePolicy"), "trust", `${where}.assumeRolePolicy`),
    statements: [...inline, ...managed],
  };
};

const attachment = (
  resource: Resource,
  graph: ResourceGraph,
): { roles: readonly string[]; statements: readonly Statement[] } | undefined => {
  const properties = Properties.of(resource);
  const where = `${resource.type} ${resource.name}`;
  switch (resource.type) {
    case "aws:iam/rolePolicy:RolePolicy":
      return {
        roles: [properties.string("role")],
        statements: parsePolicy(properties.any("policy"), "identity", `${where}.policy`),
      };
    case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
      return {
        roles: [properties.string("role")],
        statements: managedPolicy(properties.string("policyArn"), where, graph),
      };
    case "aws:iam/policyAttachment:PolicyAttachment":
      return {
        roles: properties.strings("roles"),
        statements: managedPolicy(properties.string("policyArn"), where, graph),
      };
    default:
      return undefined;
  }
};

const managedPolicy = (arn: string, where: string, graph: ResourceGraph): readonly Statement[] => {
  const policy = graph.resources.find(
    ({ type, properties }) => type === "aws:iam/policy:Policy" && properties.arn === arn,
  );
  if (policy === undefined) {
    throw new Error(
      `${where} attaches the policy "${arn}", which is not part of this program: ` +
        "the embedded cloud cannot see what AWS-managed policies allow; declare the statements that are needed",
    );
  }
  return parsePolicy(Properties.of(policy).any("policy"), "identity", `${policy.type} ${policy.name}.policy`);
};
