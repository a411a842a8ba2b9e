import type { StreamRecord } from "./kinesis-shard.ts";
import type { StreamMapping } from "./kinesis-mappings.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** Records that Lambda gives up, and why. */
export interface BatchFailure {
  readonly shard: string;
  readonly batch: readonly StreamRecord[];
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  /** Calls of the function. */
  readonly tries: number;
}

/** Tells the mapping's destination which records were given up: their numbers, not what is in them. */
export const reportDiscarded = async (
  { api, ids, clock, graph, observe }: World,
  { streamArn, functionName, role, onFailure }: StreamMapping,
  { shard, batch, condition, tries }: BatchFailure,
): Promise<void> => {
  const [first, last] = [batch[0], batch.at(-1)];
  if (onFailure === undefined || first === undefined || last === undefined) return;
  const functionArn = functionName.startsWith("arn:")
    ? functionName
    : `arn:aws:lambda:${graph.region}:${graph.accountId}:function:${functionName}`;
  const body = JSON.stringify({
    requestContext: { requestId: ids.uuid(), functionArn, condition, approximateInvokeCount: tries },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    version: "1.0",
    timestamp: new Date(clock.now()).toISOString(),
    KinesisBatchInfo: {
      shardId: shard,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivedAt).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivedAt).toISOString(),
      batchSize: batch.length,
      streamArn,
    },
  });
  try {
    if (onFailure.split(":")[2] === "sns") {
      await api.call(role, "sns", "publish", { TopicArn: onFailure, Message: body });
    } else {
      await api.call(role, "sqs", "sendMessage", { QueueUrl: onFailure, MessageBody: body });
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { name, message } = error;
    observe({ kind: "function-failed", functionName, requestId: "", error: name, message });
  }
};
