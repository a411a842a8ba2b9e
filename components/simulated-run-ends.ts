import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobStateChange, simulationSource } from "../functions/lib/job-run-end.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import { useTableUnderKey } from "./security/key-use.ts";
import { createQueue, sendUnderKey } from "./security/messages.ts";
import { invokeStandIn, updateRuns, type JobFunctionParts } from "./simulated-job-functions.ts";

/** As long as a function may live: it may wait for the stand-in. */
const timeoutSeconds = 900;

/**
 * Tells of the ends of simulated runs, as Glue does of real ones: a message for each run waits in a queue until the run is
 * to end, and a function then looks at it and puts the event on the bus.
 */
export class SimulatedRunEnds extends pulumi.ComponentResource {
  /** Takes a message for each run that is started. */
  readonly queue: aws.sqs.Queue;
  readonly function: aws.lambda.Function;

  constructor(name: string, parts: JobFunctionParts, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:SimulatedRunEnds", name, {}, opts);
    this.queue = createQueue(name, parts.encryption, this, {
      visibilityTimeoutSeconds: timeoutSeconds,
      // Each look that finds a run going on sends a message of its own. One that no look could deal with is given up after
      // a day, and needs no other queue: the task that waits for its run has looked for itself by then.
      messageRetentionSeconds: 24 * 60 * 60,
    });
    this.function = createTeller(name, parts, this.queue, this);
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: this.queue.arn,
        functionName: this.function.name,
        // A look may take as long as the function lives.
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      { parent: this },
    );
    this.registerOutputs({ queue: this.queue, function: this.function });
  }
}

const createTeller = (
  name: string,
  parts: JobFunctionParts,
  queue: aws.sqs.Queue,
  parent: pulumi.Resource,
): aws.lambda.Function =>
  new LambdaFunction(
    name,
    {
      entry: new URL("../functions/tell-job-run-end.ts", import.meta.url),
      description: "Tells EventBridge of simulated job runs that have ended",
      statements: [
        updateRuns(parts.runs),
        ...useTableUnderKey(parts.encryption, parts.runs),
        ...invokeStandIn(parts),
        {
          sid: "Remind",
          actions: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
          resources: [queue.arn],
        },
        ...sendUnderKey(parts.encryption, "EncryptReminder", queue),
        tellOfEnds(queue),
      ],
      environment: { ...parts.environment, RUN_ENDS_QUEUE_URL: queue.url },
      timeoutSeconds,
      logRetentionDays: parts.logRetentionDays,
      encryption: parts.encryption,
    },
    { parent },
  ).function;

/** On the default bus of the account and Region that the queue is in; nothing but this one kind of event. */
const tellOfEnds = (queue: aws.sqs.Queue): Statement => ({
  sid: "TellOfEnds",
  actions: ["events:PutEvents"],
  resources: [
    queue.arn.apply((arn) => {
      const [, partition, , region, account] = arn.split(":");
      return `arn:${String(partition)}:events:${String(region)}:${String(account)}:event-bus/default`;
    }),
  ],
  conditions: { StringEquals: { "events:source": simulationSource, "events:detail-type": jobStateChange } },
});
