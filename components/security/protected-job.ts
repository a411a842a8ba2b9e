import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { AnyJob, GlueJobArgs } from "../glue-job/kinds.ts";
import { namedStore } from "../glue-job/permissions.ts";
import { needsTempDir } from "../glue-job/settings.ts";
import type { Statement } from "../policy.ts";
import type { Encryption } from "./encryption.ts";
import { createSecurityConfiguration, jobKeyStatements } from "./glue-security.ts";

export interface JobProtection {
  readonly encryption: Encryption | undefined;
  readonly artifacts: aws.s3.Bucket;
  /** Names of the network's connections. */
  readonly connections: readonly pulumi.Input<string>[];
}

/** A real job as its pipeline's security and network make it. What the job says itself stays. */
export const protectJob = (
  name: string,
  job: GlueJobArgs,
  { encryption, artifacts, connections }: JobProtection,
  parent: pulumi.Resource,
): { readonly job: GlueJobArgs; readonly statements: readonly Statement[] } => {
  const { securityConfiguration, bookmarks = "disable", tempDir, sparkUi, connections: own = [] }: AnyJob = job;
  const configuration =
    securityConfiguration ?? (encryption && createSecurityConfiguration(name, encryption, parent).name);
  const protectedJob: GlueJobArgs = {
    ...job,
    connections: [...own, ...connections],
    ...(configuration !== undefined && { securityConfiguration: configuration }),
  };
  const keyUse = {
    artifacts,
    writesArtifacts: (tempDir === undefined && needsTempDir(protectedJob)) || sparkUi === true,
    stores: encryption === undefined ? [] : storesOf([tempDir, sparkUi], encryption.account),
    bookmarks: bookmarks !== "disable",
  };
  return { job: protectedJob, statements: jobKeyStatements(encryption, keyUse) };
};

/** The buckets of what the job's config puts elsewhere. */
const storesOf = (
  places: readonly (string | boolean | undefined)[],
  account: Account,
): readonly pulumi.Input<string>[] =>
  places.filter((place) => typeof place === "string").map((place) => namedStore(place, account).bucketArn);
