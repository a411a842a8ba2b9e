import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from "@aws-sdk/client-sqs";

/** A message that nobody else sees for a while. */
export interface HeldMessage {
  readonly id: string;
  readonly body: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
  readonly receipt: string;
}

/** Hidden for so long if whoever has them dies. Seconds. */
const HELD_FOR = 120;
/** SQS may have none to give although there are some. */
const EMPTY_ANSWERS = 2;

/** Takes the messages of a queue one by one; what is not deleted can be seen again in the end. */
export class HeldMessages {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #held = new Map<string, string>();

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** Each message that there is, once. */
  async *take(): AsyncGenerator<HeldMessage> {
    const seen = new Set<string>();
    for (let empty = 0; empty < EMPTY_ANSWERS;) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HELD_FOR,
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      );
      const fresh = Messages.filter(({ MessageId = "" }) => !seen.has(MessageId));
      empty = fresh.length === 0 ? empty + 1 : 0;
      for (const message of Messages) this.#held.set(message.MessageId ?? "", message.ReceiptHandle ?? "");
      for (const message of fresh) {
        seen.add(message.MessageId ?? "");
        yield heldOf(message);
      }
    }
  }

  async delete({ id, receipt }: HeldMessage): Promise<void> {
    await this.#client.send(
      new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: this.#held.get(id) ?? receipt }),
    );
    this.#held.delete(id);
  }

  /** Lets others see what was not deleted. One that is late is seen again anyway. */
  async release(): Promise<void> {
    for (const [id, ReceiptHandle] of this.#held) {
      await this.#client
        .send(new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle, VisibilityTimeout: 0 }))
        .catch(() => undefined);
      this.#held.delete(id);
    }
  }
}

const heldOf = ({ MessageId = "", Body = "", ReceiptHandle = "", Attributes }: Message): HeldMessage => ({
  id: MessageId,
  body: Body,
  sentAt: Number(Attributes?.SentTimestamp ?? 0),
  receipt: ReceiptHandle,
});
