import * as pulumi from "@pulumi/pulumi";

/** Operator → condition key → allowed values. */
export type Conditions = Readonly<
  Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
>;

/** One statement of an IAM policy: what is allowed, on what. */
export interface Statement {
  /** Letters and digits, unique in its policy; says what the statement is for. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly pulumi.Input<string>[];
  readonly conditions?: Conditions;
}

/** One statement of a resource's own policy: who may do it, or may not. */
export interface ResourceStatement extends Statement {
  /** @default "Allow" */
  readonly effect?: "Allow" | "Deny";
  /** `*`: anybody. */
  readonly principal: "*" | { readonly service: pulumi.Input<string> } | { readonly account: pulumi.Input<string> };
}

/** Text that stands for itself in a pattern of a policy, whatever its characters mean there. */
export const literally = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);

/** An identity policy as JSON, ready for a role. */
export const policyDocument = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(conditions && { Condition: conditions }),
    })),
  });

/** A resource's policy as JSON. */
export const resourcePolicyDocument = (statements: readonly ResourceStatement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect = "Allow", principal, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: effect,
      Principal: principalElement(principal),
      Action: actions,
      Resource: resources,
      ...(conditions && { Condition: conditions }),
    })),
  });

const principalElement = (principal: ResourceStatement["principal"]): unknown => {
  if (principal === "*") return principal;
  return "service" in principal ? { Service: principal.service } : { AWS: principal.account };
};

/** Refuses whoever comes without TLS. */
export const tlsOnly = (actions: readonly string[], resources: readonly pulumi.Input<string>[]): ResourceStatement => ({
  sid: "TlsOnly",
  effect: "Deny",
  principal: "*",
  actions,
  resources,
  conditions: { Bool: { "aws:SecureTransport": "false" } },
});
