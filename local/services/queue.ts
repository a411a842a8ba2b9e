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
}

interface HiddenMessage extends Message {
  readonly visibleAt: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

interface Settings {
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly visibilitySeconds: number;
}

/** A standard queue: oldest first, each message hidden for a while once it has been received. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly #settings: Settings;
  readonly #visible = new Map<string, Message>();
  readonly #hidden = new Map<string, HiddenMessage>();
  /** No hidden message becomes visible before this. */
  #nextVisible = Number.POSITIVE_INFINITY;
  #redrive: { readonly target: Queue; readonly maxReceiveCount: number } | undefined;

  private constructor(name: string, arn: string, url: string, settings: Settings) {
    this.name = name;
    this.arn = arn;
    this.url = url;
    this.#settings = settings;
  }

  static read(properties: Properties): Queue {
    return new Queue(properties.string("name"), properties.string("arn"), properties.string("url"), {
      delaySeconds: properties.optionalNumber("delaySeconds") ?? 0,
      retentionSeconds: properties.optionalNumber("messageRetentionSeconds") ?? 4 * 24 * 60 * 60,
      visibilitySeconds: properties.optionalNumber("visibilityTimeoutSeconds") ?? 30,
    });
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
    const message: Message = { id, body, sentAt: now, receiveCount: 0, receipt: "" };
    if (delaySeconds > 0) this.#hide(message, now + delaySeconds * 1000);
    else this.#visible.set(id, message);
  }

  receive(limit: number, now: number, visibilitySeconds = this.#settings.visibilitySeconds): readonly Message[] {
    this.#refresh(now);
    const received: Message[] = [];
    for (const message of this.#visible.values()) {
      if (received.length === limit) break;
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

  /** Deleting what is gone already is no error. */
  delete(receipt: string): void {
    const [id = "", count] = receipt.split("#");
    if (count === undefined) {
      throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle is invalid: "${receipt}"`);
    }
    this.#hidden.delete(id);
    this.#visible.delete(id);
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
    }
    // Oldest first: the first one that is kept ends the search.
    for (const { id, sentAt } of this.#visible.values()) {
      if (now - sentAt <= this.#settings.retentionSeconds * 1000) break;
      this.#visible.delete(id);
    }
  }
}
