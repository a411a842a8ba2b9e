import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleHandler } from "./bundle.ts";
import { policyDocument, type Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { useKey } from "./security/key-use.ts";
import { createServiceRole } from "./service-role.ts";

export interface LambdaFunctionArgs {
  /** The handler's module: `new URL("../functions/dispatcher.ts", import.meta.url)`. */
  readonly entry: URL;
  readonly description: string;
  /** What the handler may do, its log apart. */
  readonly statements: readonly Statement[];
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly timeoutSeconds: number;
  /** @default 256 */
  readonly memoryMiB?: number;
  readonly logRetentionDays: number;
  /** The key of its environment and its log. @default AWS's own */
  readonly encryption?: Encryption | undefined;
}

/** A function with its log group and its role. */
export class LambdaFunction extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;

  constructor(name: string, args: LambdaFunctionArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:LambdaFunction", name, {}, opts);

    const { encryption } = args;
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { retentionInDays: args.logRetentionDays, ...(encryption && { kmsKeyId: encryption.keyArn }) },
      { parent: this },
    );
    // Lambda encrypts the environment, and reads it as the function's role; without variables there is nothing to read.
    const environmentKey = Object.keys(args.environment ?? {}).length > 0 ? encryption : undefined;
    const { role, policy } = createServiceRole(
      name,
      {
        service: "lambda.amazonaws.com",
        statements: [...args.statements, ...decryptEnvironment(environmentKey), writeLog(logGroup)],
      },
      this,
    );
    const { code, handler } = bundleHandler(args.entry);
    this.function = new aws.lambda.Function(
      name,
      {
        description: args.description,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler,
        code,
        role: role.arn,
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMiB ?? 256,
        environment: { variables: { ...args.environment } },
        ...(environmentKey && { kmsKeyArn: environmentKey.keyArn }),
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ function: this.function });
  }
}

/**
 * Lets a function do more than it was created with: what it does to things that are there only once it is, as the buckets
 * of a pipeline are whose stage it is.
 */
export const allowMore = (
  name: string,
  lambda: aws.lambda.Function,
  statements: readonly Statement[],
  parent: pulumi.Resource,
): void => {
  const role = lambda.role.apply((arn) => arn.slice(arn.lastIndexOf("/") + 1));
  new aws.iam.RolePolicy(name, { role, policy: policyDocument(statements) }, { parent });
};

const decryptEnvironment = (encryption: Encryption | undefined): readonly Statement[] =>
  useKey(encryption, { sid: "DecryptEnvironment", via: "lambda", actions: ["kms:Decrypt"] });

const writeLog = (logGroup: aws.cloudwatch.LogGroup): Statement => ({
  sid: "WriteLog",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`${logGroup.arn}:*`],
});
