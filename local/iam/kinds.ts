import type { ResourceKinds } from "../services/kinds.ts";

const path = "paths only group names";

export const iamKinds: ResourceKinds = {
  "aws:iam/policy:Policy": { honoured: ["name", "policy"], ignored: { path } },
  "aws:iam/policyAttachment:PolicyAttachment": { honoured: ["roles", "policyArn", "name"] },
  "aws:iam/role:Role": {
    honoured: ["name", "namePrefix", "assumeRolePolicy", "inlinePolicies", "managedPolicyArns"],
    ignored: {
      path,
      forceDetachPolicies: "nothing is destroyed here",
      maxSessionDuration: "roles are held for one call here",
      permissionsBoundary: "boundaries are not applied here: only what the role's own policies allow is checked",
    },
  },
  "aws:iam/rolePolicy:RolePolicy": { honoured: ["name", "role", "policy"] },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { honoured: ["role", "policyArn"] },
};
