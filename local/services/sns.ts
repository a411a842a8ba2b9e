import type { Deliver } from "./delivery.ts";
import { compilePattern } from "./event-patterns.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { type Operation, type Service, ServiceError } from "./service.ts";
import type { World } from "./world.ts";

export const snsKinds: ResourceKinds = {
  "aws:sns/topic:Topic": {
    honoured: ["name", "kmsMasterKeyId"],
    ignored: { displayName: "a display name is for people" },
  },
  "aws:sns/topicPolicy:TopicPolicy": { honoured: ["arn", "policy"] },
  "aws:sns/topicSubscription:TopicSubscription": {
    honoured: ["topic", "protocol", "endpoint", "rawMessageDelivery", "filterPolicy", "filterPolicyScope"],
  },
};

export interface PublishInput {
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
}

/** A message as a topic took it in. */
export interface Notification {
  readonly topic: string;
  readonly subject?: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Subscription {
  readonly endpoint: string;
  readonly raw: boolean;
  /** Whether it wants to have the message. */
  readonly wants: (attributes: Attributes, message: string) => boolean;
}

type Attributes = NonNullable<PublishInput["MessageAttributes"]>;

const largestMessage = 256 * 1024;
/** Beyond this many, the oldest are forgotten. */
const keptNotifications = 10_000;

/** Topics, the queues and functions that subscribe to them, and what was published. */
export class SnsService implements Service {
  readonly operations: Readonly<Record<string, Operation>> = {
    publish: {
      permissions: ({ TopicArn }: PublishInput) => [{ action: "sns:Publish", resource: TopicArn }],
      run: (input: PublishInput) => this.publish(input),
    },
  };
  readonly #world: World;
  readonly #deliver: Deliver;
  /** By topic ARN. */
  readonly #subscriptions: ReadonlyMap<string, readonly Subscription[]>;
  readonly #published: Notification[] = [];

  constructor(world: World, deliver: Deliver) {
    this.#world = world;
    this.#deliver = deliver;
    this.#subscriptions = readSubscriptions(world);
  }

  get notifications(): readonly Notification[] {
    return this.#published;
  }

  publish({ TopicArn, Subject, Message, MessageAttributes = {} }: PublishInput): { MessageId: string } {
    const subscriptions = this.#subscriptions.get(TopicArn);
    if (subscriptions === undefined) throw new ServiceError("NotFoundException", `Topic does not exist: "${TopicArn}"`);
    checkMessage(Message, Subject);
    const { clock, ids, observe } = this.#world;
    const at = clock.now();
    const topic = TopicArn.slice(TopicArn.lastIndexOf(":") + 1);
    const subject = Subject === undefined ? {} : { subject: Subject };
    this.#published.push({ topic, ...subject, message: Message, at });
    if (this.#published.length > keptNotifications) this.#published.splice(0, keptNotifications / 10);
    observe({ kind: "notification", topic, ...subject, message: Message });

    const MessageId = ids.uuid();
    const envelope = {
      Type: "Notification",
      MessageId,
      TopicArn,
      ...(Subject !== undefined && { Subject }),
      Message,
      Timestamp: new Date(at).toISOString(),
      ...envelopeAttributes(MessageAttributes),
    };
    for (const { endpoint, raw, wants } of subscriptions) {
      if (!wants(MessageAttributes, Message)) continue;
      const body =
        endpoint.split(":")[2] === "lambda" ? lambdaEvent(envelope) : raw ? Message : JSON.stringify(envelope);
      this.#deliver(endpoint, { service: "sns.amazonaws.com", source: TopicArn }, body);
    }
    return { MessageId };
  }
}

const checkMessage = (message: unknown, subject: string | undefined): void => {
  if (typeof message !== "string" || message === "") {
    throw new ServiceError("InvalidParameterException", "Invalid parameter: Empty message");
  }
  if (Buffer.byteLength(message) > largestMessage) {
    throw new ServiceError(
      "InvalidParameterException",
      `Invalid parameter: Message too long: ${largestMessage} bytes at most`,
    );
  }
  // ASCII, one line, fewer than 100 characters, beginning with a letter, digit or punctuation mark.
  if (subject !== undefined && !/^[!-~][ -~]{0,98}$/.test(subject)) {
    throw new ServiceError(
      "InvalidParameterException",
      `Invalid parameter: Subject must be 1 to 99 printable ASCII characters, the first not a space, got "${subject}"`,
    );
  }
};

const envelopeAttributes = (attributes: Attributes): object => {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue }]) => [
    name,
    { Type: DataType, Value: StringValue },
  ]);
  return entries.length === 0 ? {} : { MessageAttributes: Object.fromEntries(entries) as object };
};

const lambdaEvent = (envelope: object): string =>
  JSON.stringify({ Records: [{ EventSource: "aws:sns", EventVersion: "1.0", Sns: envelope }] });

const readSubscriptions = ({ graph }: World): ReadonlyMap<string, readonly Subscription[]> => {
  const subscriptions = new Map<string, Subscription[]>();
  const own = new Set(graph.resources.map(({ properties }) => properties.arn));
  for (const { type, properties } of graph.resources) {
    if (type === "aws:sns/topic:Topic") subscriptions.set(String(properties.arn), []);
  }
  for (const resource of graph.resources) {
    if (resource.type !== "aws:sns/topicSubscription:TopicSubscription") continue;
    const properties = Properties.of(resource);
    const topic = subscriptions.get(properties.string("topic"));
    if (topic === undefined) throw properties.error("topic", "the ARN of a topic of this program");
    // People's subscriptions (mail, text message, web) are answered by the notifications that the cloud keeps.
    if (!["sqs", "lambda"].includes(properties.string("protocol"))) continue;
    // So are those of queues that somebody else has.
    if (!own.has(properties.string("endpoint"))) continue;
    topic.push({
      endpoint: properties.string("endpoint"),
      raw: properties.optionalBoolean("rawMessageDelivery") ?? false,
      wants: readFilter(properties),
    });
  }
  return subscriptions;
};

const readFilter = (subscription: Properties): Subscription["wants"] => {
  const policy = subscription.optionalString("filterPolicy");
  if (policy === undefined) return () => true;
  const matches = compilePattern(JSON.parse(policy), "filterPolicy");
  return subscription.optionalString("filterPolicyScope") === "MessageBody"
    ? (_, message) => matches(parsed(message))
    : (attributes) => matches(valuesOf(attributes));
};

/** A message that is no JSON has no fields to go by. */
const parsed = (message: string): unknown => {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};

const valuesOf = (attributes: Attributes): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue = "" }]) => {
      if (DataType === "Number") return [name, Number(StringValue)];
      return [name, DataType === "String.Array" ? parsed(StringValue) : StringValue];
    }),
  );
