import type { Queue } from "./queue.ts";
import { ServiceError } from "./service.ts";

/** What is sent, by itself or in a batch. */
export interface MessageInput {
  readonly MessageBody: string;
  /** From 0 to 900; not for a FIFO queue. */
  readonly DelaySeconds?: number;
  /** Messages of a group are received in their order. FIFO queues need it. */
  readonly MessageGroupId?: string;
  /** A second message with the same within five minutes is taken and dropped. */
  readonly MessageDeduplicationId?: string;
}

export interface BatchEntry extends MessageInput {
  readonly Id: string;
}

/** Bytes of a batch's messages together. */
const largestBatch = 1024 * 1024;
const mostEntries = 10;

/** Throws what SQS throws for a message that it does not take. */
export const checkMessage = (queue: Queue, input: MessageInput): void => {
  const { MessageBody: body, DelaySeconds: delay } = input;
  if (typeof body !== "string" || body === "") throw missing("MessageBody");
  if (Buffer.byteLength(body) > queue.largestMessage) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.largestMessage} bytes.`,
    );
  }
  if (delay !== undefined && (!Number.isInteger(delay) || delay < 0 || delay > 900)) {
    throw invalid(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  checkId("MessageGroupId", input.MessageGroupId);
  checkId("MessageDeduplicationId", input.MessageDeduplicationId);
  if (queue.isFifo) checkFifoMessage(queue, input);
  else if (input.MessageDeduplicationId !== undefined) {
    throw invalid(
      `Value ${input.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
    );
  }
};

const checkFifoMessage = (queue: Queue, input: MessageInput): void => {
  if (input.MessageGroupId === undefined) throw missing("MessageGroupId");
  if (input.MessageDeduplicationId === undefined && !queue.isDeduplicatedByContent) {
    throw invalid(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  if (input.DelaySeconds !== undefined && input.DelaySeconds !== 0) {
    throw invalid(
      `Value ${input.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
};

/** Up to 128 letters, digits and punctuation. */
const checkId = (name: string, value: string | undefined): void => {
  if (value === undefined || /^[!-~]{1,128}$/.test(value)) return;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
};

/** Throws what SQS throws for a batch that it takes nothing of. */
export const checkBatch = (entries: readonly BatchEntry[]): void => {
  if (entries.length === 0) {
    throw new ServiceError(
      "EmptyBatchRequest",
      "There should be at least one SendMessageBatchRequestEntry in the request.",
    );
  }
  if (entries.length > mostEntries) {
    throw new ServiceError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) {
      throw new ServiceError(
        "InvalidBatchEntryId",
        `A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long, got "${Id}".`,
      );
    }
    if (ids.has(Id)) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    ids.add(Id);
  }
  const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
  if (bytes <= largestBatch) return;
  throw new ServiceError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${largestBatch} bytes. You have sent ${bytes} bytes.`,
  );
};

const missing = (parameter: string): ServiceError =>
  new ServiceError("MissingParameter", `The request must contain the parameter ${parameter}.`);

const invalid = (message: string): ServiceError => new ServiceError("InvalidParameterValue", message);
