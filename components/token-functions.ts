import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EventCalls, EventJob } from "./glue-job.ts";
import { LambdaFunction, type LambdaFunctionArgs } from "./lambda-function.ts";
import { announceEnds, simulatedJobs, statementsOf, type NamedEventJob } from "./event-jobs.ts";
import type { Encryption } from "./security/encryption.ts";
import { invokeForToken, invokeFunction } from "./state-machine/integrations.ts";

export interface TokenFunctionsArgs {
  readonly jobs: readonly NamedEventJob[];
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

/**
 * The functions between a state machine and its jobs where the ends of runs are told by events: for all jobs, real or
 * simulated alike.
 */
export class TokenFunctions extends pulumi.ComponentResource {
  /** Starts runs with the token of the task that waits for them. */
  readonly starter: aws.lambda.Function;
  /** Finds runs by the attempt of the execution that has started them. */
  readonly finder: aws.lambda.Function;

  constructor(name: string, args: TokenFunctionsArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:TokenFunctions", name, {}, opts);
    const { jobs, logRetentionDays, encryption } = args;
    const create = (suffix: string, own: Omit<LambdaFunctionArgs, "logRetentionDays">): aws.lambda.Function =>
      new LambdaFunction(`${name}-${suffix}`, { logRetentionDays, encryption, ...own }, { parent: this }).function;
    this.starter = create("start-for-token", {
      entry: new URL("../functions/start-job-run-for-token.ts", import.meta.url),
      description: "Starts a job run that tells of its end by a task's token",
      statements: [...statementsOf(jobs, "start"), ...announceEnds(jobs, encryption)],
      environment: simulatedJobs(jobs, ["start", "list", "ends"]),
      timeoutSeconds: 60,
    });
    this.finder = create("find", {
      entry: new URL("../functions/find-job-run.ts", import.meta.url),
      description: "Finds the job run of an execution's attempt",
      statements: statementsOf(jobs, "find"),
      environment: simulatedJobs(jobs, ["list"]),
      timeoutSeconds: 240,
    });
    this.registerOutputs({ starter: this.starter, finder: this.finder });
  }

  /** How a state machine calls one of the jobs. */
  callsOf({ getJobRun, batchStopJobRun }: EventJob): EventCalls {
    return {
      completion: "event",
      startJobRun: invokeForToken("StartJobRun", this.starter),
      starter: this.starter.arn,
      findJobRun: invokeFunction("FindJobRun", this.finder),
      getJobRun,
      batchStopJobRun,
    };
  }
}
