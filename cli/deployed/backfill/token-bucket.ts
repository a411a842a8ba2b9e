export interface Pacing {
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** So many pieces a second on the average, and up to a second's worth at once. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #pacing: Pacing;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, pacing: Pacing) {
    this.#perSecond = perSecond;
    this.#pacing = pacing;
    this.#tokens = perSecond;
    this.#filledAt = pacing.now();
  }

  /** Waits until so many pieces may go. Who comes later waits for those before, too. */
  async take(pieces: number): Promise<void> {
    const now = this.#pacing.now();
    const filled = this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, filled) - pieces;
    this.#filledAt = now;
    if (this.#tokens < 0) await this.#pacing.sleep((-this.#tokens / this.#perSecond) * 1000);
  }
}
