import { Fifo } from "./fifo.ts";
import type { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";

/** A message in a queue. Times are milliseconds since the epoch. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  /** Of the last time that it was received. */
  readonly receipt: string;
  /** Of a FIFO queue's messages. */
  readonly fifo?: { readonly groupId: string; readonly deduplicationId: string; readonly sequenceNumber: string };
}

/** What is sent to a FIFO queue beside the body. */
export interface FifoKeys {
  readonly groupId: string;
  readonly deduplicationId: string;
}

interface HiddenMessage extends Message {
  readonly visibleAt: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

interface Sent {
  readonly id: string;
  readonly sequenceNumber: string;
  readonly isNew: boolean;
}

interface Settings {
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly visibilitySeconds: number;
  /** Bytes. */
  readonly largestMessage: number;
}

/** Oldest first, each message hidden for a while once it has been received; in a FIFO queue its group with it. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly #settings: Settings;
  readonly #fifo: Fifo | undefined;
  readonly #visible = new Map<string, Message>();
  readonly #hidden = new Map<string, HiddenMessage>();
  /** No hidden message becomes visible before this. */
  #nextVisible = Number.POSITIVE_INFINITY;
  #redrive: { readonly target: Queue; readonly maxReceiveCount: number } | undefined;

  private constructor(name: string, arn: string, url: string, settings: Settings, fifo: Fifo | undefined) {
    this.#fifo = fifo;
    this.name = name;
    this.arn = arn;
    this.url = url;
    this.#settings = settings;
  }

  static read(properties: Properties): Queue {
    const settings = {
      delaySeconds: properties.optionalNumber("delaySeconds") ?? 0,
      retentionSeconds: properties.optionalNumber("messageRetentionSeconds") ?? 4 * 24 * 60 * 60,
      visibilitySeconds: properties.optionalNumber("visibilityTimeoutSeconds") ?? 30,
      largestMessage: properties.optionalNumber("maxMessageSize") ?? 1024 * 1024,
    };
    const name = properties.string("name");
    return new Queue(name, properties.string("arn"), properties.string("url"), settings, readFifo(name, properties));
  }

  get isFifo(): boolean {
    return this.#fifo !== undefined;
  }

  /** Whether a message is the same as another with the same body. */
  get isDeduplicatedByContent(): boolean {
    return this.#fifo?.byContent === true;
  }

  get largestMessage(): number {
    return this.#settings.largestMessage;
  }

  get visibilitySeconds(): number {
    return this.#settings.visibilitySeconds;
  }

  get delaySeconds(): number {
    return this.#settings.delaySeconds;
  }

  /** Messages received that often without being deleted go there instead. */
  redriveTo(target: Queue, maxReceiveCount: number): void {
    this.#redrive = { target, maxReceiveCount };
  }

  send(id: string, body: string, now: number, delaySeconds = this.#settings.delaySeconds): void {
    this.#add({ id, body, sentAt: now, receiveCount: 0, receipt: "" }, delaySeconds);
  }

  /** The same for a FIFO queue. It drops what it has had in the last five minutes, and answers as it did then. */
  sendInOrder(id: string, body: string, now: number, keys: FifoKeys): Sent {
    const fifo = this.#fifo ?? new Fifo({ byContent: false, byGroup: false });
    const known = fifo.find(keys.groupId, keys.deduplicationId, now);
    if (known !== undefined) return { ...known, isNew: false };
    const { sequenceNumber } = fifo.accept(keys.groupId, keys.deduplicationId, id, now);
    const message = { id, body, sentAt: now, receiveCount: 0, receipt: "", fifo: { ...keys, sequenceNumber } };
    this.#add(message, this.delaySeconds);
    return { id, sequenceNumber, isNew: true };
  }

  receive(limit: number, now: number, visibilitySeconds = this.#settings.visibilitySeconds): readonly Message[] {
    this.#refresh(now);
    const busyGroups = this.#busyGroups();
    const received: Message[] = [];
    for (const message of this.#visible.values()) {
      if (received.length === limit) break;
      if (message.fifo !== undefined && busyGroups.has(message.fifo.groupId)) continue;
      this.#visible.delete(message.id);
      const receiveCount = message.receiveCount + 1;
      if (this.#redrive !== undefined && receiveCount > this.#redrive.maxReceiveCount) {
        this.#redrive.target.#visible.set(message.id, message);
        continue;
      }
      const handed = { ...message, receiveCount, receipt: `${message.id}#${receiveCount}` };
      this.#hide(handed, now + visibilitySeconds * 1000);
      received.push(handed);
    }
    return received;
  }

  /** Groups with a message that somebody has, or that is delayed: what comes after it waits. */
  #busyGroups(): ReadonlySet<string> {
    if (this.#fifo === undefined) return new Set();
    return new Set([...this.#hidden.values()].flatMap(({ fifo }) => (fifo === undefined ? [] : [fifo.groupId])));
  }

  /** Deleting what is gone already is no error. */
  delete(receipt: string): void {
    const [id = "", count] = receipt.split("#");
    if (count === undefined) {
      throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle is invalid: "${receipt}"`);
    }
    this.#hidden.delete(id);
    this.#visible.delete(id);
  }

  /** Hides a received message for so long from now on; 0: it can be received again at once. */
  changeVisibility(receipt: string, now: number, visibilitySeconds: number): void {
    this.#refresh(now);
    const [id = "", count] = receipt.split("#");
    if (count === undefined) {
      throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle is invalid: "${receipt}"`);
    }
    const hidden = this.#hidden.get(id);
    if (hidden === undefined) {
      throw new ServiceError(
        "MessageNotInflight",
        "The specified message isn't in flight: it was deleted, or can be seen again",
      );
    }
    this.#hide(hidden, now + visibilitySeconds * 1000);
    this.#refresh(now);
  }

  counts(now: number): QueueCounts {
    this.#refresh(now);
    const delayed = [...this.#hidden.values()].filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: this.#visible.size, inFlight: this.#hidden.size - delayed, delayed };
  }

  /** All messages, the hidden ones last. */
  messages(now: number): readonly Message[] {
    this.#refresh(now);
    return [...this.#visible.values(), ...this.#hidden.values()];
  }

  #add(message: Message, delaySeconds: number): void {
    if (delaySeconds > 0) this.#hide(message, message.sentAt + delaySeconds * 1000);
    else this.#visible.set(message.id, message);
  }

  #hide(message: Message, visibleAt: number): void {
    this.#hidden.set(message.id, { ...message, visibleAt });
    this.#nextVisible = Math.min(this.#nextVisible, visibleAt);
  }

  #refresh(now: number): void {
    if (now >= this.#nextVisible) {
      this.#nextVisible = Number.POSITIVE_INFINITY;
      for (const { visibleAt, ...message } of [...this.#hidden.values()]) {
        if (visibleAt > now) this.#nextVisible = Math.min(this.#nextVisible, visibleAt);
        else {
          this.#hidden.delete(message.id);
          this.#visible.set(message.id, message);
        }
      }
      if (this.#fifo !== undefined) this.#restoreOrder();
    }
    // Oldest first: the first one that is kept ends the search.
    for (const { id, sentAt } of this.#visible.values()) {
      if (now - sentAt <= this.#settings.retentionSeconds * 1000) break;
      this.#visible.delete(id);
    }
  }

  /** What comes back to a FIFO queue takes its old place. */
  #restoreOrder(): void {
    const order = ({ fifo }: Message): string => fifo?.sequenceNumber ?? "";
    const messages = [...this.#visible.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
    this.#visible.clear();
    for (const message of messages) this.#visible.set(message.id, message);
  }
}

const readFifo = (name: string, properties: Properties): Fifo | undefined => {
  const isFifo = properties.optionalBoolean("fifoQueue") ?? false;
  if (isFifo !== name.endsWith(".fifo")) {
    throw properties.error("name", isFifo ? 'a name that ends in ".fifo"' : 'a name that does not end in ".fifo"');
  }
  if (!isFifo) {
    for (const property of ["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"]) {
      if (properties.has(property)) throw properties.error(property, "left out: the queue is no FIFO queue");
    }
    return undefined;
  }
  const byGroup = properties.optionalString("deduplicationScope") === "messageGroup";
  if (!byGroup && properties.optionalString("fifoThroughputLimit") === "perMessageGroupId") {
    throw properties.error("deduplicationScope", "messageGroup, where fifoThroughputLimit is perMessageGroupId");
  }
  return new Fifo({ byContent: properties.optionalBoolean("contentBasedDeduplication") ?? false, byGroup });
};
