import { SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { eventually, type LandedFile } from "./files.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

/** Takes all messages out of a queue. */
export async function drained(clients: Clients, queueUrl: string | undefined): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = "", ReceiptHandle } of Messages) {
      bodies.push(Body);
      await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
}

/** What waits in the failure queue; it is empty after that. */
export async function failuresIn(
  clients: Clients,
  { failureQueueUrl }: Outputs,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const bodies = await drained(clients, failureQueueUrl);
  return bodies.map((body) => JSON.parse(body) as Record<string, unknown>);
}

/** A message of the results topic, as a subscribed queue gets it. */
export interface Result {
  readonly subject: string;
  /** The message's attribute, by which subscriptions filter. */
  readonly outcome: string | undefined;
  readonly message: Readonly<Record<string, unknown>>;
}

interface Envelope {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes?: { readonly outcome?: { readonly Value: string } };
}

/** A queue that is subscribed to the results topic. */
export class Results {
  readonly #clients: Clients;
  readonly #queueUrl: string;
  readonly #seen: Result[] = [];

  private constructor(clients: Clients, queueUrl: string) {
    this.#clients = clients;
    this.#queueUrl = queueUrl;
  }

  static async of(clients: Clients, { resultsTopicArn }: Outputs, name = "results"): Promise<Results> {
    const { QueueUrl = "" } = await clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await clients.sns.send(
      new SubscribeCommand({ TopicArn: resultsTopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }),
    );
    return new Results(clients, QueueUrl);
  }

  /** All that was told of an execution, once there is something. */
  async about({ name }: Pick<LandedFile, "name">): Promise<readonly Result[]> {
    return eventually(`a notification about ${name}`, 30, async () => {
      for (const body of await drained(this.#clients, this.#queueUrl)) this.#seen.push(resultIn(body));
      const told = this.#seen.filter(({ message }) => message.executionName === name);
      return told.length > 0 ? told : undefined;
    });
  }
}

function resultIn(body: string): Result {
  const { Subject, Message, MessageAttributes } = JSON.parse(body) as Envelope;
  return {
    subject: Subject,
    outcome: MessageAttributes?.outcome?.Value,
    message: JSON.parse(Message) as Record<string, unknown>,
  };
}
