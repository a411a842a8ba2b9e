import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleHandler } from "./bundle.ts";
import type { Statement } from "./policy.ts";
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
}

/** A function with its log group and its role. */
export class LambdaFunction extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;

  constructor(name: string, args: LambdaFunctionArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:LambdaFunction", name, {}, opts);

    const logGroup = new aws.cloudwatch.LogGroup(name, { retentionInDays: args.logRetentionDays }, { parent: this });
    const { role, policy } = createServiceRole(
      name,
      { service: "lambda.amazonaws.com", statements: [...args.statements, writeLog(logGroup)] },
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
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ function: this.function });
  }
}

const writeLog = (logGroup: aws.cloudwatch.LogGroup): Statement => ({
  sid: "WriteLog",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`${logGroup.arn}:*`],
});
