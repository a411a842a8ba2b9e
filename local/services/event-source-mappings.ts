import type { Resource } from "../resource-graph.ts";
import type { ResourceKinds } from "./kinds.ts";
import type { KinesisService } from "./kinesis.ts";
import { readStreamMapping, startStreamMapping } from "./kinesis-mappings.ts";
import type { LambdaService } from "./lambda.ts";
import { handBatch, type MappedFunction, readReportsItems } from "./mapped-functions.ts";
import { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { ReceivedMessage, SqsService } from "./sqs.ts";
import type { World } from "./world.ts";

export const mappingKinds: ResourceKinds = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    honoured: [
      "eventSourceArn",
      "functionName",
      "batchSize",
      "enabled",
      "functionResponseTypes",
      // Of streams; messages of a queue are handed over as soon as there is one.
      "maximumBatchingWindowInSeconds",
      "startingPosition",
      "startingPositionTimestamp",
      "maximumRetryAttempts",
      "maximumRecordAgeInSeconds",
      "bisectBatchOnFunctionError",
      "destinationConfig",
    ],
    ignored: {
      scalingConfig: "batches are handed over as messages come, any number at once",
      parallelizationFactor: "a shard's batches are handed over one after the other",
    },
  },
};

interface Mapping extends MappedFunction {
  readonly queueArn: string;
  readonly batchSize: number;
}

export interface MappingServices {
  readonly lambda: Pick<LambdaService, "invoke" | "settingsOf">;
  readonly sqs: Pick<SqsService, "onMessage" | "receiveMessage" | "deleteMessage" | "visibilitySecondsOf">;
  readonly kinesis: Pick<KinesisService, "shardsOf" | "onRecords">;
}

/** What Lambda does with a queue as the function's role. */
const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** Has Lambda read the queues and streams that the program maps to functions. What is not handled comes back, as on AWS. */
export const startMappings = (world: World, services: MappingServices): void => {
  for (const resource of world.graph.resources) {
    if (resource.type !== "aws:lambda/eventSourceMapping:EventSourceMapping") continue;
    const properties = Properties.of(resource);
    const isEnabled = properties.optionalAny("enabled") !== false;
    if (serviceOf(properties) === "kinesis") {
      const mapping = readStreamMapping(properties, world, services);
      if (isEnabled) startStreamMapping(world, services, mapping);
      continue;
    }
    const mapping = readMapping(resource, world, services);
    if (!isEnabled) continue;
    const poll = (delayMs: number): void => {
      world.later(delayMs, async () => {
        if (!(await handOver(world, services, mapping)))
          poll(services.sqs.visibilitySecondsOf(mapping.queueArn) * 1000);
      });
    };
    services.sqs.onMessage(mapping.queueArn, poll);
  }
};

const serviceOf = (properties: Properties): "sqs" | "kinesis" => {
  const [, , service] = properties.string("eventSourceArn").split(":");
  if (service === "sqs" || service === "kinesis") return service;
  throw properties.error("eventSourceArn", "a queue's or a stream's");
};

const readMapping = (resource: Resource, { authoriser }: World, { lambda, sqs }: MappingServices): Mapping => {
  const properties = Properties.of(resource);
  const queueArn = properties.string("eventSourceArn");
  const functionName = properties.string("functionName");
  const { role, timeoutSeconds } = lambda.settingsOf(functionName);
  const named = `${resource.type} ${resource.name}`;
  // Lambda checks both when the mapping is made.
  for (const action of actions) {
    const decision = authoriser.decide(role, { action, resource: queueArn });
    if (decision.allowed) continue;
    throw new ServiceError(
      "AccessDeniedException",
      `${named}: ${authoriser.userArn(role)} is not authorized to perform: ${action} on resource: ${queueArn} ${decision.reason}`,
    );
  }
  const visibility = sqs.visibilitySecondsOf(queueArn);
  if (visibility < timeoutSeconds) {
    throw new ServiceError(
      "InvalidParameterValueException",
      `${named}: Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  return {
    queueArn,
    functionName,
    batchSize: properties.optionalNumber("batchSize") ?? 10,
    reportsItems: readReportsItems(properties),
  };
};

/** Hands one batch to the function. False: some of it comes back. */
const handOver = async (world: World, { lambda, sqs }: MappingServices, mapping: Mapping): Promise<boolean> => {
  const { queueArn: QueueUrl, batchSize } = mapping;
  const { Messages = [] } = sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: Math.min(10, batchSize) });
  if (Messages.length === 0) return true;
  const Records = Messages.map((message) => recordOf(message, mapping, world.graph.region));
  const failed = failedOf(Messages, await handBatch(world, lambda, mapping, Records));
  for (const { MessageId, ReceiptHandle } of Messages) {
    if (!failed.has(MessageId)) sqs.deleteMessage({ QueueUrl, ReceiptHandle });
  }
  return failed.size === 0;
};

const recordOf = (message: ReceivedMessage, { queueArn }: Mapping, awsRegion: string): object => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes,
  messageAttributes: {},
  md5OfBody: message.MD5OfBody,
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion,
});

/** Ids of the messages that were not handled. An answer that names an unknown message speaks of the whole batch. */
const failedOf = (messages: readonly ReceivedMessage[], named: readonly unknown[] | undefined): ReadonlySet<string> => {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  const ids = named?.map(String);
  return ids?.every((id) => all.has(id)) === true ? new Set(ids) : all;
};
