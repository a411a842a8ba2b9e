import { at, unknownValue, type Declared } from "./rule.ts";

/** A statement of an IAM policy. */
export interface PolicyStatement {
  readonly effect: unknown;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly conditions: unknown;
  /** The statement speaks of all but something. */
  readonly isInverted: boolean;
}

/** The property that holds a policy, by type of resource: what roles may do. */
const identityPolicies: Readonly<Record<string, string>> = {
  "aws:iam/rolePolicy:RolePolicy": "policy",
  "aws:iam/policy:Policy": "policy",
  "aws:iam/userPolicy:UserPolicy": "policy",
  "aws:iam/groupPolicy:GroupPolicy": "policy",
};

/** And who may do something with a resource. Keys are not among them: their policies speak of the key alone. */
const resourcePolicies: Readonly<Record<string, string>> = {
  "aws:s3/bucketPolicy:BucketPolicy": "policy",
  "aws:sqs/queue:Queue": "policy",
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
  "aws:sns/topic:Topic": "policy",
  "aws:sns/topicPolicy:TopicPolicy": "policy",
};

export const identityPolicyTypes = Object.keys(identityPolicies);
export const resourcePolicyTypes = Object.keys(resourcePolicies);

/** The statements of a resource's policy; none while it is not known. */
export const statementsOf = ({ type, properties }: Declared): readonly PolicyStatement[] => {
  const property = identityPolicies[type] ?? resourcePolicies[type];
  return property === undefined ? [] : statementsIn(properties[property]);
};

const statementsIn = (policy: unknown): readonly PolicyStatement[] => {
  if (policy === undefined || policy === unknownValue) return [];
  const document: unknown = typeof policy === "string" ? JSON.parse(policy) : policy;
  return list(at(document, "Statement")).map((statement) => ({
    effect: at(statement, "Effect"),
    actions: texts(at(statement, "Action")),
    resources: texts(at(statement, "Resource")),
    principal: at(statement, "Principal"),
    conditions: at(statement, "Condition"),
    isInverted: ["NotAction", "NotResource", "NotPrincipal"].some((element) => at(statement, element) !== undefined),
  }));
};

/** Policies may have one where they may have a list. */
const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

const texts = (value: unknown): readonly string[] => list(value).filter((item) => typeof item === "string");
