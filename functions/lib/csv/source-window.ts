/** A record takes more memory than it may. */
export class RecordTooLongError extends Error {
  override readonly name = "RecordTooLongError";
}

/** The bytes of a file that have been passed to the parser and belong to records not yet finished. */
export class SourceWindow {
  readonly #longest: number;
  readonly #chunks: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #end = 0;
  #start = 0;

  /** @param longest bytes that a record may have */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Remembers each chunk as it passes. */
  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of chunks) {
      this.requireShort(this.#end);
      this.#forgetFinished();
      this.#chunks.push({ offset: this.#end, bytes });
      this.#end += bytes.length;
      yield bytes;
    }
    this.requireShort(this.#end);
  }

  /** @throws RecordTooLongError where the record that ends there is too long */
  requireShort(end: number): void {
    if (end - this.#start > this.#longest) throw new RecordTooLongError();
  }

  /** Marks everything before the offset as done with. */
  finish(offset: number): void {
    this.#start = offset;
  }

  /** The text from the last finished offset up to this one. */
  textUpTo(end: number): string {
    const parts = this.#chunks.map(({ offset, bytes }) =>
      bytes.subarray(Math.max(0, this.#start - offset), Math.max(0, end - offset)),
    );
    return Buffer.concat(parts).toString("utf8");
  }

  #forgetFinished(): void {
    const needed = this.#chunks.findIndex(({ offset, bytes }) => offset + bytes.length > this.#start);
    this.#chunks.splice(0, needed === -1 ? this.#chunks.length : needed);
  }
}
