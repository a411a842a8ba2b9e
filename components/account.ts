import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Where a component's resources live; parts of ARNs that must be known before the resource they name exists. */
export interface Account {
  readonly id: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
  readonly partition: pulumi.Output<string>;
}

/** Asks the provider of `parent`. */
export const accountOf = (parent: pulumi.Resource): Account => ({
  id: aws.getCallerIdentityOutput({}, { parent }).accountId,
  region: aws.getRegionOutput({}, { parent }).region,
  partition: aws.getPartitionOutput({}, { parent }).partition,
});
