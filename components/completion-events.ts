import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobStateChange, simulationSource } from "../functions/lib/job-run-end.ts";
import { simulatedJobs, statementsOf, type NamedEventJob } from "./event-jobs.ts";
import { callOnEvent, keepFailedEvents, mayKeepFailedEvents } from "./function-events.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { Encryption } from "./security/encryption.ts";

export interface CompletionEventsArgs {
  readonly stateMachine: aws.sfn.StateMachine;
  readonly jobs: readonly NamedEventJob[];
  /** Whether executions of distributed maps run jobs, too. @default false */
  readonly ofChildren?: boolean;
  /** Where events go that could not be dealt with. */
  readonly failures: aws.sqs.Queue;
  readonly logRetentionDays: number;
  /** The key of queue, environment and log. @default AWS's own */
  readonly encryption: Encryption | undefined;
}

/** Hears of the ends of job runs, and ends the tasks that wait for them. */
export class CompletionEvents extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  /** Sees the runs that have ended. */
  readonly rule: aws.cloudwatch.EventRule;

  constructor(name: string, args: CompletionEventsArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:CompletionEvents", name, {}, opts);

    this.function = createResolver(name, args, this);
    keepFailedEvents(name, this.function, { destination: args.failures.arn, maximumEventAgeInSeconds: 60 * 60 }, this);
    this.rule = new aws.cloudwatch.EventRule(
      name,
      { description: "Job runs that have ended", eventPattern: ended(args.jobs) },
      { parent: this },
    );
    callOnEvent(name, this.rule, this.function, this);
    this.registerOutputs({ function: this.function, rule: this.rule });
  }
}

/**
 * All ends that Glue makes an event of. Both sources are named whoever has the runs, so that the rule is one. A pattern
 * may have 2,048 characters: more names than other limits leave room for.
 */
const ended = (jobs: readonly NamedEventJob[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    source: ["aws.glue", simulationSource],
    "detail-type": [jobStateChange],
    detail: { jobName: jobs.map(({ jobName }) => jobName), state: ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"] },
  });

const createResolver = (
  name: string,
  { stateMachine, jobs, ofChildren = false, failures, logRetentionDays, encryption }: CompletionEventsArgs,
  parent: pulumi.Resource,
): aws.lambda.Function =>
  new LambdaFunction(
    name,
    {
      entry: new URL("../functions/resolve-job-run.ts", import.meta.url),
      description: "Ends the tasks that wait for job runs which have ended",
      statements: [
        ...statementsOf(jobs, "resolve"),
        {
          sid: "ResolveTask",
          actions: ["states:SendTaskSuccess"],
          // For tasks of a state machine AWS takes the machine's ARN here; for activities it would be the activity's. A
          // distributed map's children are executions of the machine with the map's label behind its name.
          resources: [stateMachine.arn, ...(ofChildren ? [pulumi.interpolate`${stateMachine.arn}/*`] : [])],
        },
        ...mayKeepFailedEvents(failures, encryption),
      ],
      environment: simulatedJobs(jobs, ["get"]),
      // A look at a simulated run may have to wait for the stand-in. Glue and Step Functions are asked patiently when many
      // runs end at once.
      timeoutSeconds: jobs.some(({ job }) => job.access.simulated !== undefined) ? 900 : 120,
      logRetentionDays,
      encryption,
    },
    { parent },
  ).function;
