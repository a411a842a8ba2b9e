import { grown } from "./event-heap.ts";

/** Numbers, first in, first out. */
export class NumberQueue {
  #items = new Int32Array(256);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: number): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length++) & (this.#items.length - 1)] = item;
  }

  first(): number | undefined {
    return this.#length === 0 ? undefined : this.#items[this.#head];
  }

  shift(): number | undefined {
    const item = this.first();
    if (item === undefined) return undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    return item;
  }

  #grow(): void {
    const { length } = this.#items;
    const straight = new Int32Array(length);
    straight.set(this.#items.subarray(this.#head));
    straight.set(this.#items.subarray(0, this.#head), length - this.#head);
    this.#items = grown(straight, new Int32Array(length * 2));
    this.#head = 0;
  }
}
