import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dispatchDefaults, type DispatchArgs } from "./dispatch-args.ts";
import type { DispatchTarget } from "./dispatcher.ts";
import type { Validation } from "./file-validation.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { ObservedParts } from "./observability/observed.ts";
import type { PipelineParts } from "./pipeline-work.ts";
import { dispatcherStatements, recorderStatements } from "./queued-dispatch/permissions.ts";
import { createArrivals, createOutcomes } from "./queued-dispatch/queues.ts";
import { queuedSettings } from "./queued-dispatch/settings.ts";
import type { OpenQueue } from "./security/messages.ts";

export interface QueuedDispatchArgs extends PipelineParts {
  readonly dispatch: DispatchArgs;
  /** What files of a batch must be; the state machine looks at files that come one by one. */
  readonly validation: Required<Validation>;
  readonly stateMachine: aws.sfn.StateMachine;
  /** Of the one job; stages are named by the state machine. */
  readonly jobName?: pulumi.Input<string>;
  /** Whether an update or a destroy may delete files that wait, and what is known of all files. */
  readonly forceDestroy: boolean;
}

/** What the parts of queued dispatch share. */
export interface QueuedParts extends QueuedDispatchArgs {
  readonly ledger: aws.dynamodb.Table;
  readonly arrivals: aws.sqs.Queue;
  readonly outcomes: aws.sqs.Queue;
}

/** Each function is given this long for what it is handed at once. */
const timeoutSeconds = 120;

/**
 * Files that wait in a queue until they are taken on: for others to be in a batch with them, for a place among so many
 * executions, or for an older version of their key. The ledger knows each of them; the dispatcher enters and starts them,
 * the recorder hears from the results topic how they ended.
 */
export class QueuedDispatch extends pulumi.ComponentResource {
  /** All files, what waits, and the places that are taken. */
  readonly ledger: aws.dynamodb.Table;
  /** Where S3 says that files have landed. */
  readonly arrivals: aws.sqs.Queue;
  /** Where executions say how they ended, and reminders of them wait. */
  readonly outcomes: aws.sqs.Queue;
  readonly target: DispatchTarget;
  /** What there is to look at. */
  readonly observed: ObservedParts;

  constructor(name: string, args: QueuedDispatchArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:QueuedDispatch", name, {}, opts);

    const { windowSeconds } = batching(args.dispatch);
    this.ledger = createLedger(name, args, this);
    const arrivals = createArrivals(`${name}-arrivals`, { ...args, timeoutSeconds, windowSeconds }, this);
    const outcomes = createOutcomes(`${name}-outcomes`, { ...args, timeoutSeconds }, this);
    this.arrivals = arrivals.queue;
    this.outcomes = outcomes.queue;

    const parts = { ...args, ledger: this.ledger, arrivals: arrivals.queue, outcomes: outcomes.queue };
    const recorder = createRecorder(`${name}-recorder`, parts, this);
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: outcomes.queue.arn,
        functionName: recorder.name,
        batchSize: 10,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      { parent: this },
    );
    this.target = dispatchTarget(parts, arrivals);
    this.observed = {
      functions: { recorder: { name: recorder.name, isPolled: true } },
      rules: {},
      queues: { arrivals: arrivals.queue, outcomes: outcomes.queue },
    };
    this.registerOutputs({ ledger: this.ledger, arrivals: this.arrivals, outcomes: this.outcomes });
  }
}

/** A million objects' events are a million messages: both functions are handed many at once. */
const memoryMiB = 512;

const dispatchTarget = (parts: QueuedParts, arrivals: OpenQueue): DispatchTarget => ({
  entry: new URL("../functions/queued-dispatcher.ts", import.meta.url),
  description: "Takes waiting files on, each once",
  statements: dispatcherStatements(parts),
  environment: environmentOf(parts),
  timeoutSeconds,
  memoryMiB,
  arrivals: { ...arrivals, ...batching(parts.dispatch) },
});

/** As few as Lambda knows. */
const fewestReaders = 2;

/** How many messages the dispatcher is handed at once. */
const batching = (dispatch: DispatchArgs) => {
  const { mode, maxFiles, windowSeconds, maxConcurrentExecutions } = { ...dispatchDefaults, ...dispatch };
  // Whoever reads the queue fills batches for themselves: the fewer there are, the fuller are batches.
  if (mode === "batch") return { batchSize: maxFiles, windowSeconds, maximumConcurrency: fewestReaders };
  const alone = { batchSize: 10, windowSeconds: 0 };
  // What would wait in the ledger may as well wait in the queue. The waiting list is one partition, which takes 1,000
  // write units a second, and four of a file: two when it is put there, two when it is taken off. Two calls of ten files
  // put a few hundred a second there, more than executions are ever started; as many calls as Lambda makes of a backlog
  // would be turned away until their messages are given up.
  return maxConcurrentExecutions === 0 ? alone : { ...alone, maximumConcurrency: fewestReaders };
};

const createRecorder = (name: string, parts: QueuedParts, parent: pulumi.Resource): aws.lambda.Function =>
  new LambdaFunction(
    name,
    {
      entry: new URL("../functions/outcome-recorder.ts", import.meta.url),
      description: "Notes what came of files, and starts what waits for them",
      statements: recorderStatements(parts),
      environment: environmentOf(parts),
      timeoutSeconds,
      memoryMiB,
      logRetentionDays: parts.logRetentionDays,
      encryption: parts.encryption,
    },
    { parent },
  ).function;

const createLedger = (
  name: string,
  { encryption, forceDestroy }: Pick<QueuedDispatchArgs, "encryption" | "forceDestroy">,
  parent: pulumi.Resource,
): aws.dynamodb.Table =>
  new aws.dynamodb.Table(
    `${name}-ledger`,
    {
      hashKey: "Partition",
      rangeKey: "Id",
      attributes: [
        { name: "Partition", type: "S" },
        { name: "Id", type: "S" },
      ],
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "ExpiresAt", enabled: true },
      ...(encryption && { serverSideEncryption: { enabled: true, kmsKeyArn: encryption.keyArn } }),
    },
    // Units wait in it: Pulumi refuses an update that would delete it, before anything is changed.
    { parent, ...(!forceDestroy && { protect: true }) },
  );

const environmentOf = (parts: QueuedParts) => ({
  STATE_MACHINE_ARN: parts.stateMachine.arn,
  ...(parts.jobName !== undefined && { JOB_NAME: parts.jobName }),
  LEDGER_TABLE: parts.ledger.name,
  OUTPUT_BUCKET: parts.output.id,
  OUTCOMES_QUEUE_URL: parts.outcomes.url,
  FAILURE_QUEUE_URL: parts.failures.url,
  RESULTS_TOPIC_ARN: parts.results.arn,
  SETTINGS: JSON.stringify(queuedSettings(parts.dispatch, parts.validation)),
});
