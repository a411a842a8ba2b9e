const chunkSize = 512;

/** Texts in order. Adding and removing move a short piece of the list, however long the whole is. */
export class SortedKeys {
  readonly #chunks: string[][] = [];

  /** The text must not be there yet. */
  add(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > chunkSize) this.#chunks.splice(index + 1, 0, chunk.splice(chunkSize / 2));
  }

  delete(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    const position = chunk === undefined ? -1 : lowerBound(chunk, key);
    if (chunk?.[position] !== key) return;
    chunk.splice(position, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** From the first text that is not below `start`. */
  *ascending(start: string): Generator<string> {
    let index = this.#chunkFor(start);
    let position = lowerBound(this.#chunks[index] ?? [], start);
    for (; index < this.#chunks.length; index++, position = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (; position < chunk.length; position++) yield chunk[position] ?? "";
    }
  }

  /** From the last text below `end` downwards; from the very last unless there is an end. */
  *descending(end?: string): Generator<string> {
    let index = end === undefined ? this.#chunks.length - 1 : this.#chunkFor(end);
    const first = this.#chunks[index] ?? [];
    let position = end === undefined ? first.length : lowerBound(first, end);
    for (; index >= 0; index--, position = this.#chunks[index]?.length ?? 0) {
      const chunk = this.#chunks[index] ?? [];
      while (position > 0) yield chunk[--position] ?? "";
    }
  }

  /** The last chunk that begins at or below the text. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.[0] ?? "") <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

const lowerBound = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
};
