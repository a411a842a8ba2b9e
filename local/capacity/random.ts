/** What numbers are drawn for: each has a sequence of its own, so that variants of a stack see the same files. */
export type Stream = "arrivals" | "sizes" | "durations" | "failures" | "delays" | "keys";

const streams: readonly Stream[] = ["arrivals", "sizes", "durations", "failures", "delays", "keys"];

const unit = 2 ** -32;

/** The sfc32 generator: small, fast, with a period far beyond any simulation. The same seed gives the same numbers. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spare = Number.NaN;

  constructor(seed: number, stream: Stream) {
    this.#a = seed | 0;
    this.#b = Math.trunc(seed / 2 ** 32) | 0;
    this.#c = (streams.indexOf(stream) + 1) * 0x9e3779b9;
    // Seeds that are much alike have come far apart after a few rounds.
    for (let round = 0; round < 16; round++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) * unit;
  }

  /** Exponential, with a mean of 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** Normal, with a mean of 0 and a variance of 1: the polar method, which makes two at a time. */
  normal(): number {
    const spare = this.#spare;
    if (!Number.isNaN(spare)) {
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * factor;
      return x * factor;
    }
  }
}
