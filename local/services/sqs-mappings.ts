import type { Resource } from "../resource-graph.ts";
import type { LambdaService } from "./lambda.ts";
import { handBatch, type MappedFunction, readReportsItems } from "./mapped-functions.ts";
import { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { ReceivedMessage, SqsService } from "./sqs.ts";
import type { World } from "./world.ts";

/** A mapping of a queue, as far as it decides what happens here. */
interface QueueMapping extends MappedFunction {
  readonly queueArn: string;
  readonly batchSize: number;
  /** Milliseconds that a batch waits for more messages, from its first one on. */
  readonly windowMs: number;
  /** Calls at once. */
  readonly maxConcurrency: number;
}

export interface QueueMappingServices {
  readonly lambda: Pick<LambdaService, "invoke" | "settingsOf">;
  readonly sqs: Pick<SqsService, "onMessage" | "receiveMessage" | "deleteMessage" | "visibilitySecondsOf">;
}

/** What Lambda does with a queue as the function's role. */
const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** What one receive gives, and a function without a window is handed. */
const mostAtOnce = 10;

/** Bytes of messages that a function is handed at once. */
const largestBatch = 6 * 1024 * 1024;

export const readQueueMapping = (
  resource: Resource,
  { authoriser, keys }: Pick<World, "authoriser" | "keys">,
  { lambda, sqs }: QueueMappingServices,
): QueueMapping => {
  const properties = Properties.of(resource);
  const queueArn = properties.string("eventSourceArn");
  const functionName = properties.string("functionName");
  const { role, timeoutSeconds } = lambda.settingsOf(functionName);
  const named = `${resource.type} ${resource.name}`;
  const own = actions.map((action) => ({ action, resource: queueArn }));
  const read = { action: "sqs:ReceiveMessage", resource: queueArn };
  // Lambda checks this and the visibility timeout when the mapping is made; that it may use the key, when it reads.
  for (const permission of [...own, ...keys.neededFor("sqs", "receiveMessage", read)]) {
    const decision = authoriser.decide(role, permission);
    if (decision.allowed) continue;
    throw new ServiceError(
      "AccessDeniedException",
      `${named}: ${authoriser.userArn(role)} is not authorized to perform: ${permission.action} on resource: ` +
        `${permission.resource} ${decision.reason}`,
    );
  }
  const visibility = sqs.visibilitySecondsOf(queueArn);
  if (visibility < timeoutSeconds) {
    throw new ServiceError(
      "InvalidParameterValueException",
      `${named}: Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  const batchSize = properties.wholeNumber("batchSize", mostAtOnce, 1, 10_000);
  const windowSeconds = properties.wholeNumber("maximumBatchingWindowInSeconds", 0, 0, 300);
  if (queueArn.endsWith(".fifo") && (windowSeconds > 0 || batchSize > mostAtOnce)) {
    throw new ServiceError(
      "InvalidParameterValueException",
      `${named}: a FIFO queue has no batching window, and batches of ${mostAtOnce} at the most`,
    );
  }
  if (batchSize > mostAtOnce && windowSeconds === 0) {
    throw new ServiceError(
      "InvalidParameterValueException",
      `${named}: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${mostAtOnce}`,
    );
  }
  return {
    queueArn,
    functionName,
    batchSize,
    windowMs: windowSeconds * 1000,
    maxConcurrency: properties.child("scalingConfig")?.wholeNumber("maximumConcurrency", 1000, 2, 1000) ?? Infinity,
    reportsItems: readReportsItems(properties),
  };
};

/** Has Lambda read a queue. What is not handled comes back, as on AWS. */
export const startQueueMapping = (world: World, services: QueueMappingServices, mapping: QueueMapping): void => {
  const reader = new QueueReader(world, services, mapping);
  services.sqs.onMessage(mapping.queueArn, (delayMs) => {
    reader.wake(delayMs);
  });
};

/** One reader, where Lambda has several, each with a batch of its own: batches here are as full as they can be. */
class QueueReader {
  readonly #world: World;
  readonly #services: QueueMappingServices;
  readonly #mapping: QueueMapping;
  #gathered: Gathered[] = [];
  #bytes = 0;
  /** Counts batches, to tell one's window from that of the one before. */
  #batch = 0;
  /** Batches that wait for room for a call; while there is one, nothing more is received. */
  readonly #due: (readonly Gathered[])[] = [];
  #calls = 0;

  constructor(world: World, services: QueueMappingServices, mapping: QueueMapping) {
    this.#world = world;
    this.#services = services;
    this.#mapping = mapping;
  }

  /** There is a message, or there will be one so many milliseconds from now. */
  wake(delayMs: number): void {
    this.#world.later(delayMs, async () => {
      if (this.#mapping.windowMs === 0) await this.#handOver();
      else this.#gather();
    });
  }

  /** What is there, at once. */
  async #handOver(): Promise<void> {
    if (this.#calls >= this.#mapping.maxConcurrency) return;
    const batch = this.#receive(Math.min(mostAtOnce, this.#mapping.batchSize));
    if (batch.length === 0) return;
    this.#calls += 1;
    await this.#call(batch);
  }

  /** What is there, into the batch, until that is full or its window is over. */
  #gather(): void {
    const { batchSize } = this.#mapping;
    while (this.#due.length === 0) {
      const received = this.#receive(Math.min(mostAtOnce, batchSize - this.#gathered.length));
      if (received.length === 0) return;
      for (const each of received) this.#add(each);
      if (this.#gathered.length >= batchSize) this.#close();
    }
  }

  #add(each: Gathered): void {
    const bytes = Buffer.byteLength(JSON.stringify(each.record)) + 1;
    if (this.#bytes + bytes > largestBatch) this.#close();
    if (this.#gathered.length === 0) this.#openWindow();
    this.#gathered.push(each);
    this.#bytes += bytes;
  }

  #openWindow(): void {
    const batch = this.#batch;
    this.#world.later(this.#mapping.windowMs, () => {
      if (this.#batch === batch) this.#close();
      return Promise.resolve();
    });
  }

  #close(): void {
    this.#due.push(this.#gathered);
    this.#gathered = [];
    this.#bytes = 0;
    this.#batch += 1;
    this.#launch();
  }

  #launch(): void {
    while (this.#calls < this.#mapping.maxConcurrency) {
      const batch = this.#due.shift();
      if (batch === undefined) return;
      this.#calls += 1;
      this.#world.later(0, () => this.#call(batch));
    }
  }

  async #call(batch: readonly Gathered[]): Promise<void> {
    const { lambda, sqs } = this.#services;
    const { queueArn: QueueUrl, maxConcurrency } = this.#mapping;
    const records = batch.map(({ record }) => record);
    const named = await handBatch(this.#world, lambda, this.#mapping, records);
    this.#calls -= 1;
    const messages = batch.map(({ message }) => message);
    const failed = failedOf(messages, named);
    for (const { MessageId, ReceiptHandle } of messages) {
      if (!failed.has(MessageId)) sqs.deleteMessage({ QueueUrl, ReceiptHandle });
    }
    if (failed.size > 0) this.wake(sqs.visibilitySecondsOf(QueueUrl) * 1000);
    if (maxConcurrency === Infinity) return;
    // There is room for a call that there may have been none for.
    this.#launch();
    this.wake(0);
  }

  #receive(limit: number): readonly Gathered[] {
    const { Messages = [] } = this.#services.sqs.receiveMessage({
      QueueUrl: this.#mapping.queueArn,
      MaxNumberOfMessages: limit,
    });
    return Messages.map((message) => ({
      message,
      record: recordOf(message, this.#mapping, this.#world.graph.region),
    }));
  }
}

interface Gathered {
  readonly message: ReceivedMessage;
  readonly record: object;
}

const recordOf = (message: ReceivedMessage, { queueArn }: QueueMapping, awsRegion: string): object => ({
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
