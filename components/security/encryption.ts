import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import { resourcePolicyDocument } from "../policy.ts";
import { securityOf, type SecuritySwitch } from "../security.ts";
import { keyStatements, type KeySender } from "./key-policy.ts";

/** The key that encrypts a pipeline's data; its parts get to use it by `useKey`. */
export interface Encryption {
  readonly keyArn: pulumi.Output<string>;
  readonly account: Account;
}

/** The key of a pipeline, where its security asks for one. */
export const encryptionOf = (
  name: string,
  args: SecuritySwitch,
  account: Account,
  parent: pulumi.Resource,
  /** Services that send to the pipeline's queues. */
  senders: readonly KeySender[] = [],
): Encryption | undefined => {
  const { customerManagedKey, kmsKeyArn } = securityOf(args);
  if (customerManagedKey !== true) return undefined;
  return new EncryptionKey(name, { account, senders, ...(kmsKeyArn !== undefined && { kmsKeyArn }) }, { parent });
};

interface EncryptionKeyArgs {
  readonly account: Account;
  readonly senders: readonly KeySender[];
  /** An existing key's ARN: then nothing is created. */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

/** A KMS key that is rotated each year, with its alias; or one that is there already. */
class EncryptionKey extends pulumi.ComponentResource implements Encryption {
  readonly keyArn: pulumi.Output<string>;
  readonly account: Account;

  constructor(name: string, args: EncryptionKeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:EncryptionKey", name, {}, opts);
    this.account = args.account;
    this.keyArn = args.kmsKeyArn === undefined ? createKey(name, args, this).arn : pulumi.output(args.kmsKeyArn);
    this.registerOutputs({ keyArn: this.keyArn });
  }
}

const createKey = (name: string, { account, senders }: EncryptionKeyArgs, parent: pulumi.Resource): aws.kms.Key => {
  const key = new aws.kms.Key(
    name,
    {
      description: `What the pipeline of ${name} keeps and sends`,
      enableKeyRotation: true,
      // The longest that a deletion can be taken back: without its key the data is lost.
      deletionWindowInDays: 30,
      policy: resourcePolicyDocument(keyStatements(account, senders)),
    },
    { parent },
  );
  // A name of Pulumi's making would lack the part that KMS wants first.
  new aws.kms.Alias(name, { namePrefix: `alias/${name}-`, targetKeyId: key.keyId }, { parent });
  return key;
};
