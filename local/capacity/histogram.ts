import type { Distribution } from "./result.ts";

/** Each power of two is divided into so many buckets. */
const bits = 8;
const shift = 20 - bits;
/** Below 2^-10, a thousandth of what is counted in, all is nothing. */
const smallestExponent = -10;
const largestExponent = 52;
const offset = (1023 + smallestExponent) << bits;
const buckets = (largestExponent - smallestExponent) << bits;

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const high = isLittleEndian ? 1 : 0;

/**
 * Counts values of 0 and more in buckets whose widths grow with the value. A quantile is told as the mean of its bucket:
 * exact where the bucket's values are equal, and never off by more than 0.4 %. Mean, least and greatest are exact.
 */
export class Histogram {
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  readonly #counts = new Float64Array(buckets + 1);
  readonly #sums = new Float64Array(buckets + 1);

  add(value: number, times = 1): void {
    const bucket = bucketOf(value);
    this.#count += times;
    this.#sum += value * times;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.#sums[bucket] = (this.#sums[bucket] ?? 0) + value * times;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** The value that so great a share of the values, 0 to 1, does not exceed. */
  quantile(share: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * this.#count - 1e-9));
    let seen = 0;
    for (let bucket = 0; bucket <= buckets; bucket++) {
      const count = this.#counts[bucket] ?? 0;
      seen += count;
      if (count > 0 && seen >= rank) return Math.min(this.#max, Math.max(this.#min, (this.#sums[bucket] ?? 0) / count));
    }
    return this.#max;
  }

  distribution(scale: number): Distribution {
    return {
      mean: this.mean * scale,
      min: this.#count === 0 ? 0 : this.#min * scale,
      p50: this.quantile(0.5) * scale,
      p90: this.quantile(0.9) * scale,
      p95: this.quantile(0.95) * scale,
      p99: this.quantile(0.99) * scale,
      max: this.#count === 0 ? 0 : this.#max * scale,
    };
  }

  /** Counts by bounds of which each is a step up from the one before: so many for each doubling. */
  bars(perDoubling: number, scale: number): { readonly bounds: readonly number[]; readonly counts: readonly number[] } {
    const bounds: number[] = [];
    const counts: number[] = [];
    if (this.#count === 0) return { bounds, counts };
    const width = 2 ** bits / perDoubling;
    const from = Math.floor(bucketOf(this.#min) / width);
    const to = Math.floor(bucketOf(this.#max) / width);
    for (let bar = from; bar <= to; bar++) {
      let count = 0;
      for (let bucket = bar * width; bucket < (bar + 1) * width; bucket++) count += this.#counts[bucket] ?? 0;
      bounds.push(lowerBound((bar + 1) * width) * scale);
      counts.push(count);
    }
    return { bounds, counts };
  }
}

/** The upper bits of a floating-point number are its logarithm, as far as it goes. */
const bucketOf = (value: number): number => {
  word[0] = value;
  const index = ((halves[high] ?? 0) >>> shift) - offset;
  return index < 0 ? 0 : Math.min(index, buckets);
};

const lowerBound = (bucket: number): number => {
  halves[1 - high] = 0;
  halves[high] = (bucket + offset) << shift;
  return word[0] ?? 0;
};
