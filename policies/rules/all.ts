import { bucketRules } from "./buckets.ts";
import { customerKeyRules, encryptionRules } from "./encryption.ts";
import { glueJobRules, glueStackRules } from "./glue-jobs.ts";
import { operationRules } from "./operation.ts";
import { permissionRules } from "./permissions.ts";
import type { ResourceRule, StackRule } from "./rule.ts";

export const resourceRules: readonly ResourceRule[] = [
  ...permissionRules,
  ...encryptionRules,
  ...operationRules,
  ...glueJobRules,
];

export const stackRules: readonly StackRule[] = [...bucketRules, ...customerKeyRules, ...glueStackRules];
