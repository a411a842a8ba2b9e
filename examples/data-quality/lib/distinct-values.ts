import { createHash } from "node:crypto";

/** Distinct values of a column that are counted one by one; with more, their number is estimated from a sample. */
const TRACKED_VALUES = 10_000;
/** Of a column whose uniqueness a rule asks for: an estimate would pass over a few duplicates. */
const TRACKED_FOR_RULES = 1_000_000;
const SAMPLED_VALUES = 4096;
const TOP_VALUES = 5;
const WHOLE_CHARACTERS = 256;
const SHOWN_CHARACTERS = 60;
const HASHES = 2n ** 64n;

export interface DistinctCounts {
  readonly distinct: number;
  /** Values that occur once. */
  readonly once: number;
  readonly isExact: boolean;
}

/** How many values there are and how often: exact up to a bound, from there on by the smallest of their hashes. */
export class DistinctValues {
  readonly #tracked: number;
  readonly #counts = new Map<string, number>();
  #total = 0;
  #sample: Map<bigint, number> | undefined;
  #threshold = HASHES;

  constructor(isWatched: boolean) {
    this.#tracked = isWatched ? TRACKED_FOR_RULES : TRACKED_VALUES;
  }

  add(text: string): void {
    this.#total += 1;
    const key = keyOf(text);
    const count = this.#counts.get(key);
    if (count !== undefined) {
      this.#counts.set(key, count + 1);
    } else if (this.#counts.size < this.#tracked) {
      this.#counts.set(key, 1);
    } else if (this.#sample === undefined) {
      // From here on values are told apart by their hashes; those seen so far go first.
      this.#sample = new Map();
      for (const [known, times] of this.#counts) this.#countInSample(this.#sample, known, times);
      this.#countInSample(this.#sample, key, 1);
      return;
    }
    if (this.#sample !== undefined) this.#countInSample(this.#sample, key, 1);
  }

  describe(): DistinctCounts {
    if (this.#sample === undefined) {
      return { distinct: this.#counts.size, once: onesIn(this.#counts), isExact: true };
    }
    this.#prune(this.#sample);
    const size = this.#sample.size;
    const once = onesIn(this.#sample);
    if (once === size) return { distinct: this.#total, once: this.#total, isExact: false };
    const largest = [...this.#sample.keys()].reduce((left, right) => (right > left ? right : left), 0n);
    const distinct = Math.min(this.#total, Number((BigInt(size - 1) * HASHES) / largest));
    return { distinct, once: Math.floor((once * distinct) / size), isExact: false };
  }

  /** The most frequent of the values that are counted one by one; of equals the first seen. */
  top(): readonly (readonly [text: string, count: number])[] {
    return [...this.#counts].sort(([, left], [, right]) => right - left).slice(0, TOP_VALUES);
  }

  #countInSample(sample: Map<bigint, number>, key: string, times: number): void {
    const hash = createHash("sha256").update(key).digest().readBigUInt64BE();
    if (hash >= this.#threshold) return;
    sample.set(hash, (sample.get(hash) ?? 0) + times);
    if (sample.size >= 2 * SAMPLED_VALUES) this.#prune(sample);
  }

  #prune(sample: Map<bigint, number>): void {
    if (sample.size <= SAMPLED_VALUES) return;
    const hashes = [...sample.keys()].sort((left, right) => (left < right ? -1 : 1));
    for (const hash of hashes.slice(SAMPLED_VALUES)) sample.delete(hash);
    this.#threshold = (hashes[SAMPLED_VALUES - 1] ?? HASHES) + 1n;
  }
}

const onesIn = (counts: ReadonlyMap<unknown, number>): number => {
  let ones = 0;
  for (const count of counts.values()) if (count === 1) ones += 1;
  return ones;
};

const keyOf = (text: string): string =>
  text.length <= WHOLE_CHARACTERS || lengthOf(text) <= WHOLE_CHARACTERS
    ? text
    : firstOf(text, SHOWN_CHARACTERS) + createHash("sha256").update(text).digest("hex");

/** In characters, as Python counts them. */
export const lengthOf = (text: string): number => {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00) length -= 1;
  }
  return length;
};

const firstOf = (text: string, characters: number): string =>
  Array.from(text.slice(0, 2 * characters))
    .slice(0, characters)
    .join("");

/** A value as reports show it. */
export const shown = (text: string): string =>
  text.length <= SHOWN_CHARACTERS || lengthOf(text) <= SHOWN_CHARACTERS ? text : `${firstOf(text, SHOWN_CHARACTERS)}…`;
