import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { callOnEvent, keepFailedEvents } from "../function-events.ts";
import { LambdaFunction } from "../lambda-function.ts";
import type { Encryption } from "../security/encryption.ts";
import { publishUnderKey, sendUnderKey } from "../security/messages.ts";

export interface JobRunEventsArgs {
  readonly jobNames: readonly pulumi.Input<string>[];
  readonly resultsTopic: aws.sns.Topic;
  readonly failureQueue: aws.sqs.Queue;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

/**
 * Hears what Glue tells of the jobs' runs: those that failed, which are counted by their rule and written to the log of
 * the function; and those that take long, which the function tells to the results topic. A function stands between, as
 * EventBridge gives messages no attributes to go by, and a topic's policy cannot be narrowed to one of its rules.
 */
export class JobRunEvents extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  readonly failed: aws.cloudwatch.EventRule;
  readonly delayed: aws.cloudwatch.EventRule;

  constructor(name: string, args: JobRunEventsArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:JobRunEvents", name, {}, opts);

    this.function = createFunction(name, args, this);
    keepFailedEvents(name, this.function, { destination: args.failureQueue.arn }, this);
    const jobName = [...args.jobNames];
    this.failed = this.#createRule(`${name}-failed`, "Job runs that failed", {
      "detail-type": ["Glue Job State Change"],
      detail: { jobName, state: ["FAILED", "TIMEOUT", "ERROR"] },
    });
    this.delayed = this.#createRule(`${name}-delayed`, "Job runs that take longer than they should", {
      "detail-type": ["Glue Job Run Status"],
      detail: { jobName },
    });
    this.registerOutputs({ function: this.function, failed: this.failed, delayed: this.delayed });
  }

  #createRule(name: string, description: string, pattern: Readonly<Record<string, unknown>>): aws.cloudwatch.EventRule {
    const rule = new aws.cloudwatch.EventRule(
      name,
      { description, eventPattern: pulumi.jsonStringify({ source: ["aws.glue"], ...pattern }) },
      { parent: this },
    );
    callOnEvent(name, rule, this.function, this);
    return rule;
  }
}

const createFunction = (
  name: string,
  { resultsTopic, failureQueue, logRetentionDays, encryption }: JobRunEventsArgs,
  parent: pulumi.Resource,
): aws.lambda.Function =>
  new LambdaFunction(
    name,
    {
      entry: new URL("../../functions/job-run-event.ts", import.meta.url),
      description: "Hears what Glue tells of job runs",
      statements: [
        { sid: "Notify", actions: ["sns:Publish"], resources: [resultsTopic.arn] },
        { sid: "KeepFailedEvent", actions: ["sqs:SendMessage"], resources: [failureQueue.arn] },
        ...publishUnderKey(encryption, "EncryptNotice", resultsTopic),
        ...sendUnderKey(encryption, "EncryptFailedEvent", failureQueue),
      ],
      environment: { RESULTS_TOPIC_ARN: resultsTopic.arn },
      timeoutSeconds: 60,
      logRetentionDays,
      encryption,
    },
    { parent },
  ).function;
