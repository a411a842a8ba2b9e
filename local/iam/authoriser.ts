import type { Resource, ResourceGraph } from "../resource-graph.ts";
import { Properties } from "../services/properties.ts";
import type { Permission, Principal } from "../services/service.ts";
import type { RequestContext } from "./conditions.ts";
import { parsePolicy, type PrincipalMatch, type Statement } from "./policy.ts";
import { findRole, type Role, rolesOf } from "./roles.ts";

/** A refusal says why, as AWS's messages do. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** An AWS service that acts for a resource, as in a notification from a bucket to a function. */
export interface ServicePrincipal {
  readonly service: string;
  /** ARN of the resource that it acts for. */
  readonly source: string;
}

type Subject = { readonly kind: "role"; readonly role: Role } | { readonly kind: "service"; readonly service: string };

const allowed: Decision = { allowed: true };
const explicitDeny = (kind: string): Decision => ({
  allowed: false,
  reason: `with an explicit deny in ${kind}-based policy`,
});

/** Beyond this many remembered decisions all are forgotten, so that memory stays flat over any number of object keys. */
const rememberedDecisions = 20_000;

/** Decides, from the policies of the graph, who may do what. */
export class Authoriser {
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #accountId: string;
  readonly #resourcePolicies = new Map<string, Statement[]>();
  readonly #decisions = new Map<string, Decision>();

  constructor(graph: ResourceGraph) {
    this.#roles = rolesOf(graph);
    this.#accountId = graph.accountId;
    for (const resource of graph.resources) this.#attach(resource, graph);
  }

  /** Whether a role may do something, by its own policies and the resource's. */
  decide(principal: Principal, { action, resource, context }: Permission): Decision {
    const key = `${principal}\n${action}\n${resource}${context === undefined ? "" : `\n${JSON.stringify(context)}`}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const role = findRole(this.#roles, principal);
    const request: RequestContext = {
      "aws:securetransport": "true",
      "aws:principalarn": role.arn,
      "aws:principalaccount": this.#accountId,
      "aws:principaltype": "AssumedRole",
      ...lowerCaseKeys(context ?? {}),
    };
    const decision = this.#evaluate({ kind: "role", role }, role.statements, action, resource, request);
    if (this.#decisions.size >= rememberedDecisions) this.#decisions.clear();
    this.#decisions.set(key, decision);
    return decision;
  }

  /** Whether a service may do something for a resource: only the target's own policy can allow it. */
  decideService(
    { service, source }: ServicePrincipal,
    action: string,
    resource: string,
    context?: Permission["context"],
  ): Decision {
    // The policy of a key that is not the program's own cannot be seen here.
    if (isKey(resource) && !this.#resourcePolicies.has(resource)) return allowed;
    return this.#evaluate({ kind: "service", service }, [], action, resource, {
      ...lowerCaseKeys(context ?? {}),
      "aws:securetransport": "true",
      "aws:sourcearn": source,
      "aws:sourceaccount": this.#accountId,
    });
  }

  /** Throws unless the service may take on the role for that resource. */
  requireTrust(principal: Principal, { service, source }: ServicePrincipal): void {
    const role = findRole(this.#roles, principal);
    const context = { "aws:sourcearn": source, "aws:sourceaccount": this.#accountId };
    const trusts = ({ effect }: Statement): boolean => effect === "Allow";
    const matching = role.trust.filter(
      (statement) =>
        statement.action("sts:AssumeRole") &&
        (statement.principal?.anyone === true || statement.principal?.services.includes(service) === true) &&
        statement.condition(context),
    );
    if (matching.length > 0 && matching.every(trusts)) return;
    throw new Error(
      `${source} cannot use the role ${role.arn}: its assumeRolePolicy does not let ${service} take it on`,
    );
  }

  /** How AWS's messages call a role that is in use. */
  userArn(principal: Principal): string {
    const { name } = findRole(this.#roles, principal);
    return `arn:aws:sts::${this.#accountId}:assumed-role/${name}/embedded`;
  }

  #evaluate(
    subject: Subject,
    identity: readonly Statement[],
    action: string,
    resource: string,
    context: RequestContext,
  ): Decision {
    const applies = (statement: Statement): boolean =>
      statement.action(action) && statement.resource(resource) && statement.condition(context);
    const own = identity.filter(applies);
    const attached = this.#policyOf(resource).filter(
      (statement) => speaksOf(statement.principal, subject, statement.effect, this.#accountId) && applies(statement),
    );
    if (own.some(({ effect }) => effect === "Deny")) return explicitDeny("an identity");
    if (attached.some(({ effect }) => effect === "Deny")) return explicitDeny("a resource");
    if (own.length > 0 && isKey(resource) && !this.#isLeftToRoles(resource, applies)) {
      return { allowed: false, reason: `because no resource-based policy allows the ${action} action` };
    }
    if (own.length + attached.length > 0) return allowed;
    const kind = subject.kind === "role" ? "identity" : "resource";
    return { allowed: false, reason: `because no ${kind}-based policy allows the ${action} action` };
  }

  /** A key's policy comes first: roles' own policies count only where it names the account. */
  #isLeftToRoles(key: string, applies: (statement: Statement) => boolean): boolean {
    const policy = this.#resourcePolicies.get(key);
    if (policy === undefined) return true;
    return policy.some(
      (statement) =>
        statement.effect === "Allow" && namesAccount(statement.principal, this.#accountId) && applies(statement),
    );
  }

  #policyOf(resource: string): readonly Statement[] {
    // Objects are under their bucket's policy; elsewhere a policy speaks of exactly one ARN.
    const owner = resource.startsWith("arn:aws:s3:::") ? resource.split("/", 1)[0] : resource;
    return this.#resourcePolicies.get(owner ?? resource) ?? [];
  }

  #attach(resource: Resource, graph: ResourceGraph): void {
    const found = resourcePolicy(resource, graph);
    if (found === undefined) return;
    const statements = parsePolicy(found.document, "resource", `${resource.type} ${resource.name}.policy`);
    this.#resourcePolicies.set(found.arn, [...(this.#resourcePolicies.get(found.arn) ?? []), ...statements]);
  }
}

const resourcePolicy = (resource: Resource, graph: ResourceGraph): { arn: string; document: unknown } | undefined => {
  const properties = Properties.of(resource);
  switch (resource.type) {
    case "aws:s3/bucketPolicy:BucketPolicy":
      return { arn: `arn:aws:s3:::${properties.string("bucket")}`, document: properties.any("policy") };
    case "aws:sns/topicPolicy:TopicPolicy":
      return { arn: properties.string("arn"), document: properties.any("policy") };
    case "aws:sqs/queuePolicy:QueuePolicy":
      return { arn: queueArn(properties.string("queueUrl"), graph), document: properties.any("policy") };
    case "aws:lambda/permission:Permission":
      return lambdaPermission(properties, graph);
    case "aws:kms/key:Key":
      return { arn: properties.string("arn"), document: properties.optionalAny("policy") ?? defaultKeyPolicy(graph) };
    default:
      return undefined;
  }
};

/** A key that is given no policy leaves all to IAM. */
const defaultKeyPolicy = ({ accountId }: ResourceGraph): unknown => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "kms:*", Resource: "*" },
  ],
});

const queueArn = (url: string, graph: ResourceGraph): string =>
  `arn:aws:sqs:${graph.region}:${graph.accountId}:${url.slice(url.lastIndexOf("/") + 1)}`;

/** Lambda turns a permission into a statement of the function's policy. */
const lambdaPermission = (permission: Properties, graph: ResourceGraph): { arn: string; document: unknown } => {
  const target = permission.string("function");
  const arn = target.startsWith("arn:")
    ? target
    : `arn:aws:lambda:${graph.region}:${graph.accountId}:function:${target}`;
  const principal = permission.string("principal");
  const sourceArn = permission.optionalString("sourceArn");
  const sourceAccount = permission.optionalString("sourceAccount");
  const statement = {
    Effect: "Allow",
    Principal: principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
    Action: permission.string("action"),
    Resource: arn,
    Condition: {
      ...(sourceArn !== undefined && { ArnLike: { "aws:SourceArn": sourceArn } }),
      ...(sourceAccount !== undefined && { StringEquals: { "aws:SourceAccount": sourceAccount } }),
    },
  };
  return { arn, document: { Version: "2012-10-17", Statement: [statement] } };
};

const speaksOf = (
  principal: PrincipalMatch | undefined,
  subject: Subject,
  effect: Statement["effect"],
  accountId: string,
): boolean => {
  if (principal === undefined) return false;
  if (principal.anyone) return true;
  if (subject.kind === "service") return principal.services.includes(subject.service);
  if (principal.aws.includes(subject.role.arn)) return true;
  // Naming the account hands the decision to the role's own policies, but denies each of its roles.
  return effect === "Deny" && namesAccount(principal, accountId);
};

const namesAccount = (principal: PrincipalMatch | undefined, accountId: string): boolean =>
  principal?.aws.some((arn) => arn === accountId || arn === `arn:aws:iam::${accountId}:root`) === true;

const isKey = (resource: string): boolean => /^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(resource);

const lowerCaseKeys = (context: Readonly<Record<string, string>>): RequestContext =>
  Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
