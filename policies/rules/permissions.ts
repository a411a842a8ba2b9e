import { identityPolicyTypes, resourcePolicyTypes, statementsOf } from "./documents.ts";
import { at, resourceRule, unknownValue, type ResourceRule } from "./rule.ts";

/** Actions that AWS has no narrower resource for. */
const actionsOnAnything = [
  "cloudwatch:PutMetricData",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcEndpoints",
  "ec2:DescribeVpcs",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/** Parts of names of AWS's own policies that allow far more than one job needs. */
const broadPolicies = ["AdministratorAccess", "PowerUserAccess", "AWSGlueServiceRole", "FullAccess"];

export const permissionRules: readonly ResourceRule[] = [
  resourceRule({
    name: "no-wildcard-actions",
    description: "A policy names each action that it allows.",
    level: "mandatory",
    settings: {},
    types: [...identityPolicyTypes, ...resourcePolicyTypes],
    check: (resource) =>
      statementsOf(resource)
        .filter(({ effect }) => effect === "Allow")
        .flatMap(({ actions, isInverted }) => [
          ...actions
            .filter((action) => action.includes("*"))
            .map((action) => `allows "${action}": name the actions that are needed`),
          ...(isInverted ? ["allows all but something: say what is allowed instead"] : []),
        ]),
  }),
  resourceRule({
    name: "no-wildcard-resources",
    description:
      "A policy names what its actions are allowed on, but for actions that AWS has no narrower resource for.",
    level: "mandatory",
    settings: { actions: actionsOnAnything },
    types: identityPolicyTypes,
    check: (resource, settings) =>
      statementsOf(resource)
        .filter(({ effect, resources }) => effect === "Allow" && resources.includes("*"))
        .flatMap(({ actions }) => actions.filter((action) => !settings.actions.includes(action)))
        .map((action) => `allows ${action} on "*": name the ARNs that it is needed on`),
  }),
  resourceRule({
    name: "no-public-principal",
    description: "Nobody outside the account may use a resource unless a condition says who.",
    level: "mandatory",
    settings: {},
    types: resourcePolicyTypes,
    check: (resource) =>
      statementsOf(resource)
        .filter(
          ({ effect, principal, conditions }) => effect === "Allow" && conditions === undefined && isAnybody(principal),
        )
        .map(() => 'allows principal "*" without a condition: name the service or the account'),
  }),
  resourceRule({
    name: "no-broad-managed-policies",
    description: "A role has a policy of its own, not one of AWS's that allow far more.",
    level: "mandatory",
    settings: { policies: broadPolicies },
    types: ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment"],
    check: ({ properties }, { policies }) => {
      const arn = String(properties.policyArn);
      return policies.some((policy) => arn.includes(policy)) ? [`attaches ${arn}: give the role what it needs`] : [];
    },
  }),
  resourceRule({
    name: "invoke-permission-scoped",
    description: "A service may call a function for one resource of one account only.",
    level: "mandatory",
    settings: {},
    types: ["aws:lambda/permission:Permission"],
    check: ({ properties: { principal, sourceArn, sourceAccount } }) => [
      ...(principal === "*" ? ['allows principal "*"'] : []),
      ...(sourceArn === undefined ? ["needs a sourceArn: else any resource may make the service call"] : []),
      // A bucket's ARN does not say whose it is, and its name can be had by somebody else once it is deleted.
      ...(principal === "s3.amazonaws.com" && sourceAccount === undefined ? ["needs a sourceAccount"] : []),
    ],
  }),
];

const isAnybody = (principal: unknown): boolean => {
  if (principal === unknownValue) return false;
  const accounts = at(principal, "AWS");
  return principal === "*" || accounts === "*" || (Array.isArray(accounts) && accounts.includes("*"));
};
