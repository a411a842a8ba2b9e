import { parseCell, type Cell, type ColumnType } from "../../../functions/lib/csv/cells.ts";
import { DistinctValues, lengthOf, shown } from "./distinct-values.ts";
import type { ColumnProfile } from "./profile.ts";

type Value = NonNullable<Cell>;

/** In the order of preference: what every value of a column is. */
const types = ["bigint", "double", "boolean", "date", "timestamp", "string"] as const satisfies readonly ColumnType[];

/** What is known of a column so far. */
export class ColumnProfiler {
  readonly name: string;
  readonly distinct: DistinctValues;
  readonly #masked: boolean;
  readonly #sum = new Sum();
  readonly #ranges = new Map<ColumnType, Range>(types.map((type) => [type, new Range()]));
  values = 0;
  empty = 0;
  #shortest: number | null = null;
  #longest: number | null = null;

  constructor(name: string, options: { readonly isMasked: boolean; readonly isWatched: boolean }) {
    this.name = name;
    this.#masked = options.isMasked;
    this.distinct = new DistinctValues(options.isWatched);
  }

  add(text: string): void {
    if (text === "") {
      this.empty += 1;
      return;
    }
    this.values += 1;
    const length = lengthOf(text);
    this.#shortest = this.#shortest === null ? length : Math.min(this.#shortest, length);
    this.#longest = this.#longest === null ? length : Math.max(this.#longest, length);
    this.distinct.add(text);
    for (const [type, range] of this.#ranges) {
      const value = parseCell(type, text);
      if (value === undefined || value === null) {
        this.#ranges.delete(type);
        continue;
      }
      range.add(value, text);
      if (type === "double") this.#sum.add(Number(value));
    }
  }

  get mean(): number | null {
    if (this.values === 0 || !this.#ranges.has("double")) return null;
    const mean = this.#sum.total / this.values;
    return Number.isFinite(mean) ? mean : null;
  }

  describe(): ColumnProfile {
    const type = this.values === 0 ? null : ([...this.#ranges.keys()][0] ?? null);
    const range = type === null || type === "boolean" || this.#masked ? undefined : this.#ranges.get(type);
    const { distinct, once, isExact } = this.distinct.describe();
    return {
      name: this.name,
      type,
      values: this.values,
      empty: this.empty,
      distinct,
      once,
      distinctIsExact: isExact,
      min: range?.min === undefined ? null : shown(range.min.text),
      max: range?.max === undefined ? null : shown(range.max.text),
      mean: this.#masked ? null : this.mean,
      shortest: this.#shortest,
      longest: this.#longest,
      top: this.distinct.top().map(([text, count]) => ({ value: this.#masked ? null : shown(text), count })),
      masked: this.#masked,
    };
  }
}

/** A sum of floating-point numbers that keeps what each addition loses (Neumaier's). */
class Sum {
  #sum = 0;
  #lost = 0;

  get total(): number {
    return this.#sum + this.#lost;
  }

  add(value: number): void {
    const total = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - total + value : value - total + this.#sum;
    this.#sum = total;
  }
}

interface Extreme {
  readonly value: Value;
  readonly text: string;
}

/** The smallest and the largest value, as they stand in the file. */
class Range {
  min: Extreme | undefined;
  max: Extreme | undefined;

  add(value: Value, text: string): void {
    if (this.min === undefined || isLess(value, this.min.value)) this.min = { value, text };
    if (this.max === undefined || isLess(this.max.value, value)) this.max = { value, text };
  }
}

const isLess = (left: Value, right: Value): boolean =>
  typeof left === "string" && typeof right === "string" ? textIsLess(left, right) : left < right;

/** By code points, as Python compares: JavaScript's surrogates would come before the last of the basic plane. */
const textIsLess = (left: string, right: string): boolean => {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one !== other) return rank(one) < rank(other);
  }
  return left.length < right.length;
};

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);
