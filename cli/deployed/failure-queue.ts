import { GetQueueAttributesCommand, ReceiveMessageCommand, type Message, type SQSClient } from "@aws-sdk/client-sqs";
import { readNotification } from "../../functions/lib/events.ts";
import { at, parsed, textAt } from "../run/json.ts";
import type { UploadedObject } from "./executions.ts";

/** An event that the dispatcher has failed on for good. */
export interface DispatchFailure {
  readonly functionName: string;
  readonly error: string;
  readonly message: string;
  readonly objects: readonly UploadedObject[];
  /** The event, as S3 sent it. */
  readonly event: unknown;
}

/** How full the queue is; SQS gives approximate numbers. */
export interface QueueLevel {
  readonly visible: number;
  /** Received by somebody and not deleted yet. */
  readonly inFlight: number;
}

/** More messages than this are not looked through. */
const MOST_MESSAGES = 200;

/** Looks into the failure queue and leaves everything in it. SQS counts each look as a receipt of the message. */
export class FailureQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async level(): Promise<QueueLevel> {
    const { Attributes = {} } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#url,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    };
  }

  /** Those that can be seen now, or some of them: SQS gives a sample at a time. */
  async peek(): Promise<readonly Message[]> {
    const found = new Map<string, Message>();
    for (let before = -1; before < found.size && found.size < MOST_MESSAGES;) {
      before = found.size;
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: 10,
          // Visible again at once: whoever works on the queue is not kept waiting.
          VisibilityTimeout: 0,
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      );
      for (const message of Messages) found.set(message.MessageId ?? "", message);
    }
    return [...found.values()];
  }
}

/** A message of Lambda's on-failure destination; undefined for what failed executions leave. */
export function dispatchFailureIn(body: string | undefined): DispatchFailure | undefined {
  const record = parsed(body);
  const functionArn = textAt(record, "requestContext", "functionArn");
  if (functionArn === undefined) return undefined;
  const event = at(record, "requestPayload");
  return {
    functionName: functionArn.split(":")[6] ?? functionArn,
    error: textAt(record, "responsePayload", "errorType") ?? textAt(record, "requestContext", "condition") ?? "Error",
    message: textAt(record, "responsePayload", "errorMessage") ?? "",
    objects: readNotification(event).flatMap((found) => (found.kind === "created" ? [found.object] : [])),
    event,
  };
}

/** When the message was sent, in milliseconds. */
export const sentAt = ({ Attributes }: Message): number | undefined =>
  Attributes?.SentTimestamp === undefined ? undefined : Number(Attributes.SentTimestamp);
