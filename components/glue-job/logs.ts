import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Encryption } from "../security/encryption.ts";
import type { AnyJob } from "./kinds.ts";
import { ofOldLogging, type JobSettings } from "./settings.ts";

export interface LogArgs {
  readonly job: AnyJob;
  readonly settings: JobSettings;
  readonly role: aws.iam.Role;
  /** Where the job says none. */
  readonly retentionDays: number;
  /** Their key. @default CloudWatch's own */
  readonly encryption: Encryption | undefined;
}

/**
 * Log groups of the job's own, so that they can be kept for as long as its logs are wanted; gives what Glue is told of
 * them. Since Glue 5.0 there are two, `…/error` and `…/output`. With a security configuration Glue puts its name and
 * the role's between.
 */
export const createLogGroups = (
  name: string,
  { job, settings, role, retentionDays, encryption }: LogArgs,
  parent: pulumi.Resource,
): string | undefined => {
  const { continuousLogging, securityConfiguration } = job;
  if (continuousLogging === undefined || continuousLogging === false) return undefined;
  // Known before the job is there, as the job's arguments name it.
  const prefix = `/aws-glue/jobs/${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
  const create = (what: string, groupName: pulumi.Input<string>): aws.cloudwatch.LogGroup =>
    new aws.cloudwatch.LogGroup(
      `${name}${what}`,
      {
        name: groupName,
        retentionInDays: (continuousLogging === true ? undefined : continuousLogging.retentionDays) ?? retentionDays,
        ...(encryption && { kmsKeyId: encryption.keyArn }),
      },
      { parent },
    );
  if (ofOldLogging(settings)) {
    create("", securityConfiguration === undefined ? prefix : pulumi.interpolate`${prefix}-${securityConfiguration}`);
    return prefix;
  }
  const folder =
    securityConfiguration === undefined
      ? prefix
      : pulumi.interpolate`${prefix}/${securityConfiguration}-role/${role.name}`;
  create("-error", pulumi.interpolate`${folder}/error`);
  create("-output", pulumi.interpolate`${folder}/output`);
  return prefix;
};
