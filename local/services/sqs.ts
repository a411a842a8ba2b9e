import { createHash } from "node:crypto";
import { nameOf, readQueues } from "./sqs-queues.ts";
import { type BatchEntry, checkBatch, checkMessage, type MessageInput } from "./sqs-messages.ts";
import type { ResourceKinds } from "./kinds.ts";
import type { Message, Queue, QueueCounts } from "./queue.ts";
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
      "maxMessageSize",
      "fifoQueue",
      "contentBasedDeduplication",
      "deduplicationScope",
    ],
    ignored: {
      kmsDataKeyReusePeriodSeconds: "each use of a key is looked at by itself",
      sqsManagedSseEnabled: "messages are not encrypted here",
      receiveWaitTimeSeconds: "a receive answers at once here",
      fifoThroughputLimit: "there is no limit on sending here",
    },
  },
  "aws:sqs/queuePolicy:QueuePolicy": { honoured: ["queueUrl", "policy"] },
  "aws:sqs/redrivePolicy:RedrivePolicy": { honoured: ["queueUrl", "redrivePolicy"] },
};

interface QueueInput {
  /** The queue's ARN does as well. */
  readonly QueueUrl: string;
}

export type SendMessageInput = QueueInput & MessageInput;

export interface SendMessageBatchInput extends QueueInput {
  readonly Entries?: readonly BatchEntry[];
}

export interface SentMessage {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  /** Of a FIFO queue. */
  readonly SequenceNumber?: string;
}

/** What became of each entry. */
export interface SendMessageBatchOutput {
  readonly Successful: readonly (SentMessage & { readonly Id: string })[];
  readonly Failed: readonly {
    readonly Id: string;
    readonly SenderFault: boolean;
    readonly Code: string;
    readonly Message: string;
  }[];
}

export interface ReceiveMessageInput extends QueueInput {
  /** From 1 to 10. */
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
}

export interface ChangeVisibilityInput extends QueueInput {
  readonly ReceiptHandle: string;
  /** Seconds from now, from 0 to 43,200. */
  readonly VisibilityTimeout: number;
}

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** Queues and their messages. */
export class SqsService implements Service {
  readonly operations: Readonly<Record<string, Operation>> = {
    sendMessage: this.#operation("sqs:SendMessage", (input: SendMessageInput) => this.sendMessage(input)),
    sendMessageBatch: this.#operation("sqs:SendMessage", (input: SendMessageBatchInput) =>
      this.sendMessageBatch(input),
    ),
    receiveMessage: this.#operation("sqs:ReceiveMessage", (input: ReceiveMessageInput) => this.receiveMessage(input)),
    deleteMessage: this.#operation("sqs:DeleteMessage", (input: QueueInput & { ReceiptHandle: string }) =>
      this.deleteMessage(input),
    ),
    changeMessageVisibility: this.#operation("sqs:ChangeMessageVisibility", (input: ChangeVisibilityInput) =>
      this.changeMessageVisibility(input),
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

  sendMessage({ QueueUrl, ...message }: SendMessageInput): SentMessage {
    const queue = this.#find(QueueUrl);
    checkMessage(queue, message);
    return this.#send(queue, message);
  }

  /** Up to ten messages, each taken or refused by itself. */
  sendMessageBatch({ QueueUrl, Entries = [] }: SendMessageBatchInput): SendMessageBatchOutput {
    const queue = this.#find(QueueUrl);
    checkBatch(Entries);
    const Successful: SendMessageBatchOutput["Successful"][number][] = [];
    const Failed: SendMessageBatchOutput["Failed"][number][] = [];
    for (const { Id, ...message } of Entries) {
      try {
        checkMessage(queue, message);
        Successful.push({ Id, ...this.#send(queue, message) });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message });
      }
    }
    return { Successful, Failed };
  }

  #send(queue: Queue, message: MessageInput): SentMessage {
    const { MessageBody: body, DelaySeconds, MessageGroupId: groupId } = message;
    const { clock, ids, observe } = this.#world;
    const MD5OfMessageBody = md5(body);
    let MessageId = ids.uuid();
    let SequenceNumber: string | undefined;
    if (queue.isFifo && groupId !== undefined) {
      const deduplicationId = message.MessageDeduplicationId ?? createHash("sha256").update(body).digest("hex");
      const sent = queue.sendInOrder(MessageId, body, clock.now(), { groupId, deduplicationId });
      if (!sent.isNew) return { MessageId: sent.id, MD5OfMessageBody, SequenceNumber: sent.sequenceNumber };
      SequenceNumber = sent.sequenceNumber;
      MessageId = sent.id;
    } else queue.send(MessageId, body, clock.now(), DelaySeconds);
    observe({ kind: "message-sent", queue: queue.name, body });
    this.#listeners.get(queue.name)?.((DelaySeconds ?? queue.delaySeconds) * 1000);
    return { MessageId, MD5OfMessageBody, ...(SequenceNumber !== undefined && { SequenceNumber }) };
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

  changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }: ChangeVisibilityInput): object {
    if (!Number.isInteger(VisibilityTimeout) || VisibilityTimeout < 0 || VisibilityTimeout > 43_200) {
      throw new ServiceError(
        "InvalidParameterValue",
        `VisibilityTimeout must be from 0 to 43200, got ${VisibilityTimeout}`,
      );
    }
    const queue = this.#find(QueueUrl);
    queue.changeVisibility(ReceiptHandle, this.#world.clock.now(), VisibilityTimeout);
    this.#listeners.get(queue.name)?.(VisibilityTimeout * 1000);
    return {};
  }

  getQueueAttributes(input: QueueInput): { Attributes: Readonly<Record<string, string>> } {
    const queue = this.#find(input.QueueUrl);
    const counts: QueueCounts = queue.counts(this.#world.clock.now());
    return {
      Attributes: {
        QueueArn: queue.arn,
        ...(queue.isFifo && { FifoQueue: "true" }),
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

const toReceived = ({ id, body, receipt, sentAt, receiveCount, fifo }: Message): ReceivedMessage => ({
  MessageId: id,
  ReceiptHandle: receipt,
  MD5OfBody: md5(body),
  Body: body,
  Attributes: {
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ...(fifo !== undefined && {
      MessageGroupId: fifo.groupId,
      MessageDeduplicationId: fifo.deduplicationId,
      SequenceNumber: fifo.sequenceNumber,
    }),
  },
});

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
