import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { policyDocument, type Statement } from "./policy.ts";

/** A role for an AWS service, with the one policy that says what it may do. */
export interface ServiceRole {
  readonly role: aws.iam.Role;
  /** Whatever uses the role depends on this, so that it never runs before its permissions are there. */
  readonly policy: aws.iam.RolePolicy;
}

export interface ServiceRoleArgs {
  /** The service that takes on the role, for example `lambda.amazonaws.com`. */
  readonly service: string;
  readonly statements: readonly Statement[];
  /**
   * Only resources of this account and this ARN pattern may make the service take on the role. For services that say
   * for whom they do it; a role cannot be passed to a resource of another account in any case.
   */
  readonly calledFrom?: { readonly account: Account; readonly arnPattern: pulumi.Input<string> };
}

export const createServiceRole = (name: string, args: ServiceRoleArgs, parent: pulumi.Resource): ServiceRole => {
  const role = new aws.iam.Role(name, { assumeRolePolicy: trustPolicy(args) }, { parent });
  const policy = new aws.iam.RolePolicy(name, { role: role.name, policy: policyDocument(args.statements) }, { parent });
  return { role, policy };
};

const trustPolicy = ({ service, calledFrom }: ServiceRoleArgs): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        ...(calledFrom && {
          Condition: {
            StringEquals: { "aws:SourceAccount": calledFrom.account.id },
            ArnLike: { "aws:SourceArn": calledFrom.arnPattern },
          },
        }),
      },
    ],
  });
