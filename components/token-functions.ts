import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LambdaFunction, type LambdaFunctionArgs } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";

export interface TokenFunctionsArgs {
  /** What the function may do that starts runs, and the one that finds them. */
  readonly statements: Readonly<Record<"start" | "find", readonly Statement[]>>;
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

/** The functions between a state machine and its job where the ends of runs are told by events: real or simulated alike. */
export class TokenFunctions extends pulumi.ComponentResource {
  /** Starts runs with the token of the task that waits for them. */
  readonly starter: aws.lambda.Function;
  /** Finds runs by the attempt of the execution that has started them. */
  readonly finder: aws.lambda.Function;

  constructor(name: string, args: TokenFunctionsArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:TokenFunctions", name, {}, opts);
    const { environment, logRetentionDays, encryption } = args;
    const create = (suffix: string, own: Omit<LambdaFunctionArgs, "logRetentionDays">): aws.lambda.Function =>
      new LambdaFunction(`${name}-${suffix}`, { environment, logRetentionDays, encryption, ...own }, { parent: this })
        .function;
    this.starter = create("start-for-token", {
      entry: new URL("../functions/start-job-run-for-token.ts", import.meta.url),
      description: "Starts a job run that tells of its end by a task's token",
      statements: args.statements.start,
      timeoutSeconds: 60,
    });
    this.finder = create("find", {
      entry: new URL("../functions/find-job-run.ts", import.meta.url),
      description: "Finds the job run of an execution's attempt",
      statements: args.statements.find,
      timeoutSeconds: 240,
    });
    this.registerOutputs({ starter: this.starter, finder: this.finder });
  }
}
