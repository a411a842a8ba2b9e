/**
 * A sample of what is seen once, of which every set of its size is as likely as any other: those with the smallest
 * hashes, which names of executions end with.
 */
export class Sample<Item> {
  readonly #size: number;
  readonly #kept: { readonly rank: string; readonly item: Item }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** `rank`: as good as random, and different for each item. */
  add(rank: string, item: Item): void {
    if (this.#kept.length === this.#size && rank >= (this.#kept.at(-1)?.rank ?? "")) return;
    const index = this.#kept.findIndex((other) => rank < other.rank);
    this.#kept.splice(index < 0 ? this.#kept.length : index, 0, { rank, item });
    if (this.#kept.length > this.#size) this.#kept.pop();
  }

  get items(): readonly Item[] {
    return this.#kept.map(({ item }) => item);
  }
}
