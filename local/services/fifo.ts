/** What became of a message that was sent once already. */
export interface Accepted {
  readonly id: string;
  readonly sequenceNumber: string;
}

const windowMs = 5 * 60 * 1000;

/** What a FIFO queue knows beyond its messages: which it has had of late, and how it counts them. */
export class Fifo {
  readonly byContent: boolean;
  /** Whether the same id in another group is another message. */
  readonly #byGroup: boolean;
  /** In the order of acceptance, so that those which may be forgotten come first. */
  readonly #accepted = new Map<string, Accepted & { readonly at: number }>();
  #sequence = 0;

  constructor({ byContent, byGroup }: { readonly byContent: boolean; readonly byGroup: boolean }) {
    this.byContent = byContent;
    this.#byGroup = byGroup;
  }

  /** The same message, if it was accepted less than five minutes ago. */
  find(group: string, deduplicationId: string, now: number): Accepted | undefined {
    for (const [key, { at }] of this.#accepted) {
      if (now - at < windowMs) break;
      this.#accepted.delete(key);
    }
    return this.#accepted.get(this.#key(group, deduplicationId));
  }

  accept(group: string, deduplicationId: string, id: string, now: number): Accepted {
    const sequenceNumber = String(++this.#sequence).padStart(20, "0");
    this.#accepted.set(this.#key(group, deduplicationId), { id, sequenceNumber, at: now });
    return { id, sequenceNumber };
  }

  #key(group: string, deduplicationId: string): string {
    return this.#byGroup ? `${group}\0${deduplicationId}` : deduplicationId;
  }
}
