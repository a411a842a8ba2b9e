import { createHash } from "node:crypto";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { type Message, Queue, type QueueCounts } from "./queue.ts";
import { type Operation, type Service, ServiceError } from "./service.ts";
import type { World } from "./world.ts";

export const sqsKinds: ResourceKinds = {
  "aws:sqs/queue:Queue": {
    honoured: [
      "name",
      "delaySeconds",
      "messageRetentionSeconds",
      "visibilityTimeoutSeconds",
      "redrivePolicy",
      "kmsMasterKeyId",
    ],
    ignored: {
      kmsDataKeyReusePeriodSeconds: "each use of a key is looked at by itself",
      sqsManagedSseEnabled: "messages are not encrypted here",
      receiveWaitTimeSeconds: "a receive answers at once here",
      fifoQueue: "order and duplicates are those of a standard queue here",
    },
  },
  "aws:sqs/queuePolicy:QueuePolicy": { honoured: ["queueUrl", "policy"] },
  "aws:sqs/redrivePolicy:RedrivePolicy": { honoured: ["queueUrl", "redrivePolicy"] },
};

interface QueueInput {
  /** The queue's ARN does as well. */
  readonly QueueUrl: string;
}

export interface SendMessageInput extends QueueInput {
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

export interface ReceiveMessageInput extends QueueInput {
  /** From 1 to 10. */
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
}

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

const largestMessage = 1024 * 1024;

/** Queues and their messages. */
export class SqsService implements Service {
  readonly operations: Readonly<Record<string, Operation>> = {
    sendMessage: this.#operation("sqs:SendMessage", (input: SendMessageInput) => this.sendMessage(input)),
    receiveMessage: this.#operation("sqs:ReceiveMessage", (input: ReceiveMessageInput) => this.receiveMessage(input)),
    deleteMessage: this.#operation("sqs:DeleteMessage", (input: QueueInput & { ReceiptHandle: string }) =>
      this.deleteMessage(input),
    ),
    getQueueAttributes: this.#operation("sqs:GetQueueAttributes", (input: QueueInput) =>
      this.getQueueAttributes(input),
    ),
    getQueueUrl: {
      permissions: ({ QueueName }: { QueueName: string }) => [
        { action: "sqs:GetQueueUrl", resource: this.#find(QueueName).arn },
      ],
      run: ({ QueueName }: { QueueName: string }) => ({ QueueUrl: this.#find(QueueName).url }),
    },
  };
  readonly #world: World;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #listeners = new Map<string, (delayMs: number) => void>();

  constructor(world: World) {
    this.#world = world;
    this.#queues = readQueues(world);
  }

  /** Queues by name, with the messages that are in them. */
  contents(): Readonly<Record<string, readonly Message[]>> {
    return Object.fromEntries(
      [...this.#queues].map(([name, queue]) => [name, queue.messages(this.#world.clock.now())]),
    );
  }

  sendMessage(input: SendMessageInput): { MessageId: string; MD5OfMessageBody: string } {
    const queue = this.#find(input.QueueUrl);
    const { MessageBody: body } = input;
    if (typeof body !== "string" || body === "") {
      throw new ServiceError("MissingParameter", "The request must contain the parameter MessageBody.");
    }
    if (Buffer.byteLength(body) > largestMessage) {
      const reason = `One or more parameters are invalid. Reason: Message must be shorter than ${largestMessage} bytes.`;
      throw new ServiceError("InvalidParameterValue", reason);
    }
    const id = this.#world.ids.uuid();
    queue.send(id, body, this.#world.clock.now(), input.DelaySeconds);
    this.#world.observe({ kind: "message-sent", queue: queue.name, body });
    this.#listeners.get(queue.name)?.((input.DelaySeconds ?? queue.delaySeconds) * 1000);
    return { MessageId: id, MD5OfMessageBody: md5(body) };
  }

  receiveMessage(input: ReceiveMessageInput): { Messages?: readonly ReceivedMessage[] } {
    const limit = input.MaxNumberOfMessages ?? 1;
    if (!Number.isInteger(limit) || limit < 1 || limit > 10) {
      throw new ServiceError("InvalidParameterValue", `MaxNumberOfMessages must be from 1 to 10, got ${limit}`);
    }
    const queue = this.#find(input.QueueUrl);
    const received = queue.receive(limit, this.#world.clock.now(), input.VisibilityTimeout);
    return received.length === 0 ? {} : { Messages: received.map(toReceived) };
  }

  deleteMessage(input: QueueInput & { readonly ReceiptHandle: string }): object {
    this.#find(input.QueueUrl).delete(input.ReceiptHandle);
    return {};
  }

  getQueueAttributes(input: QueueInput): { Attributes: Readonly<Record<string, string>> } {
    const queue = this.#find(input.QueueUrl);
    const counts: QueueCounts = queue.counts(this.#world.clock.now());
    return {
      Attributes: {
        QueueArn: queue.arn,
        ApproximateNumberOfMessages: String(counts.visible),
        ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
        ApproximateNumberOfMessagesDelayed: String(counts.delayed),
      },
    };
  }

  /** Hears of each message that is sent to a queue, and when it can be received. */
  onMessage(queue: string, listener: (delayMs: number) => void): void {
    this.#listeners.set(this.#find(queue).name, listener);
  }

  /** How long a message is hidden once it has been received. */
  visibilitySecondsOf(queue: string): number {
    return this.#find(queue).visibilitySeconds;
  }

  #operation(action: string, run: Operation["run"]): Operation {
    return { permissions: (input: QueueInput) => [{ action, resource: this.#find(input.QueueUrl).arn }], run };
  }

  /** By URL, ARN or name. */
  #find(reference: string): Queue {
    const queue = this.#queues.get(nameOf(reference));
    if (queue !== undefined) return queue;
    throw new ServiceError("QueueDoesNotExist", `The specified queue does not exist: "${reference}"`);
  }
}

const nameOf = (reference: string): string =>
  reference.slice(Math.max(reference.lastIndexOf("/"), reference.lastIndexOf(":")) + 1);

const readQueues = ({ graph }: World): ReadonlyMap<string, Queue> => {
  const queues = new Map<string, Queue>();
  const redrives = new Map<string, unknown>();
  for (const resource of graph.resources) {
    const properties = Properties.of(resource);
    if (resource.type === "aws:sqs/queue:Queue") {
      queues.set(properties.string("name"), Queue.read(properties));
      redrives.set(properties.string("name"), properties.optionalAny("redrivePolicy"));
    } else if (resource.type === "aws:sqs/redrivePolicy:RedrivePolicy") {
      redrives.set(nameOf(properties.string("queueUrl")), properties.any("redrivePolicy"));
    }
  }
  for (const [name, policy] of redrives) {
    if (policy === undefined) continue;
    const { deadLetterTargetArn, maxReceiveCount } = parseRedrive(policy, name);
    const target = queues.get(nameOf(deadLetterTargetArn));
    if (target === undefined)
      throw new Error(`queue ${name}: its dead-letter queue ${deadLetterTargetArn} does not exist`);
    queues.get(name)?.redriveTo(target, maxReceiveCount);
  }
  return queues;
};

const parseRedrive = (policy: unknown, name: string): { deadLetterTargetArn: string; maxReceiveCount: number } => {
  const values = (typeof policy === "string" ? JSON.parse(policy) : policy) as Readonly<Record<string, unknown>>;
  const properties = new Properties(values, `queue ${name}.redrivePolicy`);
  return {
    deadLetterTargetArn: properties.string("deadLetterTargetArn"),
    maxReceiveCount: Number(properties.any("maxReceiveCount")),
  };
};

const toReceived = ({ id, body, receipt, sentAt, receiveCount }: Message): ReceivedMessage => ({
  MessageId: id,
  ReceiptHandle: receipt,
  MD5OfBody: md5(body),
  Body: body,
  Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receiveCount) },
});

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
