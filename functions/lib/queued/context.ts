import { jsonFrom, required } from "../environment.ts";
import { reportsFrom } from "../direct/environment.ts";
import { createBatchObjects, type BatchObjects } from "./batch-objects.ts";
import { createFileLedger, type FileLedger } from "./file-ledger.ts";
import { createKeyOrder, type KeyOrder } from "./key-order.ts";
import { rowsFromSummaries, type ReadRows } from "./rows.ts";
import { createTable } from "./table.ts";
import { createUnits, type Units } from "./units.ts";
import type { Dependencies, InvocationContext } from "../aws.ts";
import type { Reports } from "../direct/steps.ts";
import type { QueuedSettings } from "./settings.ts";

export type QueuedDependencies = Pick<
  Dependencies,
  "dynamoDb" | "transactions" | "s3" | "stepFunctions" | "executionStatuses" | "sqs" | "sns" | "env" | "now" | "log"
>;

/**
 * What both functions of queued dispatch work with: STATE_MACHINE_ARN, LEDGER_TABLE, OUTPUT_BUCKET, OUTCOMES_QUEUE_URL,
 * FAILURE_QUEUE_URL, RESULTS_TOPIC_ARN, SETTINGS and, where the state machine does not name its jobs itself, JOB_NAME.
 *
 * Both call, on the table: GetItem, PutItem, UpdateItem, DeleteItem and Query; StartExecution; SendMessage to the
 * outcomes queue. For batches both get and put `proposals/*` and `manifests/*` in the output bucket: the recorder, too,
 * where keys have an order. The recorder besides calls DescribeExecution, and for batches sends to the failure queue. Of a
 * pipeline of one job it gets `manifests/*` and `summary/*`, with leave to list: S3 does not tell others what is not there.
 * The dispatcher publishes to the topic what it rejects in batch mode; where keys have an order both publish what is
 * superseded.
 */
export interface QueuedContext {
  readonly settings: QueuedSettings;
  readonly files: FileLedger;
  readonly units: Units;
  readonly keys: KeyOrder;
  readonly objects: BatchObjects;
  /** Of an execution that has taken one file. */
  readonly rowsOf: ReadRows;
  readonly reports: Reports;
  readonly stepFunctions: Dependencies["stepFunctions"] & Dependencies["executionStatuses"];
  readonly sqs: Dependencies["sqs"];
  readonly stateMachineArn: string;
  readonly jobName: string | undefined;
  readonly outputBucket: string;
  readonly outcomesQueueUrl: string;
  readonly now: () => number;
  /** Throws OutOfTimeError once the function has no time for more. */
  readonly requireTime: () => void;
  readonly log: Dependencies["log"];
}

/** The function would be cut short: what is left comes back with its messages. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";
}

/** Milliseconds in which what has begun can still end. */
const lastMs = 10_000;

/** For one call of a function. */
export function withinTime(
  context: QueuedContext,
  invocation?: Pick<InvocationContext, "getRemainingTimeInMillis">,
): QueuedContext {
  const left = invocation?.getRemainingTimeInMillis;
  if (left === undefined) return context;
  return {
    ...context,
    requireTime: () => {
      if (left() < lastMs) throw new OutOfTimeError(`Less than ${lastMs / 1000} seconds are left`);
    },
  };
}

export function queuedContext(deps: QueuedDependencies): QueuedContext {
  const { env, now, log, sqs } = deps;
  const settings = jsonFrom(env, "SETTINGS") as QueuedSettings;
  const table = createTable(deps, required(env, "LEDGER_TABLE"));
  const files = createFileLedger(table, settings.retentionDays, now);
  const outputBucket = required(env, "OUTPUT_BUCKET");
  return {
    settings,
    files,
    units: createUnits(table, settings.retentionDays, now),
    keys: createKeyOrder(table, files, settings.retentionDays, now),
    objects: createBatchObjects(deps.s3, outputBucket),
    // Stages write each where it is told to.
    rowsOf: env.JOB_NAME === undefined ? () => Promise.resolve({}) : rowsFromSummaries(deps.s3, outputBucket, log),
    reports: reportsFrom(deps),
    stepFunctions: {
      startExecution: (input) => deps.stepFunctions.startExecution(input),
      describeExecution: (input) => deps.executionStatuses.describeExecution(input),
    },
    sqs,
    stateMachineArn: required(env, "STATE_MACHINE_ARN"),
    jobName: env.JOB_NAME,
    outputBucket,
    outcomesQueueUrl: required(env, "OUTCOMES_QUEUE_URL"),
    now,
    requireTime: () => undefined,
    log,
  };
}
