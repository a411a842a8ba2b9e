/** A quota of so many calls a second, of which a bucketful may come at once. Times are milliseconds. */
export class TokenBucket {
  /** Milliseconds in which someone was refused or had to wait. */
  saturated = 0;
  /** Milliseconds that files have waited for tokens, all together: callers know for how many files they ask. */
  waited = 0;
  #tokens: number;
  #at = 0;
  #saturatedUntil = 0;
  readonly #size: number;
  readonly #perMs: number;

  constructor(size: number, perSecond: number) {
    this.#size = size;
    this.#tokens = size;
    this.#perMs = perSecond / 1000;
  }

  /** Takes a token, or is refused. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens >= 1 - 1e-9) {
      this.#tokens -= 1;
      return true;
    }
    this.#saturate(now, (1 - this.#tokens) / this.#perMs);
    return false;
  }

  /** Takes tokens that may still have to come; gives the milliseconds until they are there. First come, first served. */
  reserve(count: number, now: number): number {
    this.#fill(now);
    this.#tokens -= count;
    if (this.#tokens >= -1e-9) return 0;
    const delay = -this.#tokens / this.#perMs;
    this.#saturate(now, delay);
    return delay;
  }

  #fill(now: number): void {
    if (now === this.#at) return;
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }

  #saturate(now: number, forMs: number): void {
    const until = now + forMs;
    if (until <= this.#saturatedUntil) return;
    this.saturated += until - Math.max(now, this.#saturatedUntil);
    this.#saturatedUntil = until;
  }
}
