import type * as pulumi from "@pulumi/pulumi";

/** How a pipeline is secured beyond what every pipeline has. */
export interface SecurityArgs {
  /**
   * Encrypts buckets, table, queues, topics, logs, environments, executions and the job's own data with one KMS key.
   * Without it AWS encrypts with keys of its own, and topics are not encrypted with a key at all.
   * @default true where the mode is "real" or `kmsKeyArn` is given
   */
  readonly customerManagedKey?: boolean;
  /** ARN of a key to use instead of a new one; its policy must let the services use it that the pipeline runs on. */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** ARN of the policy that bounds what the pipeline's roles may do. */
  readonly permissionsBoundary?: pulumi.Input<string>;
  /** Path of the pipeline's roles. @default "/" */
  readonly rolePath?: string;
}

/** The switch as it may be given. */
export interface SecuritySwitch {
  readonly mode: "simulated" | "real";
  /** `true` and `false`: with and without a key of the pipeline's own; or all that there is to say. */
  readonly security?: boolean | SecurityArgs;
}

/** What the switch comes to. */
export const securityOf = ({ mode, security = {} }: SecuritySwitch): SecurityArgs => {
  if (typeof security === "boolean") return { customerManagedKey: security };
  const usual = mode === "real" || security.kmsKeyArn !== undefined;
  return { ...security, customerManagedKey: security.customerManagedKey ?? usual };
};
