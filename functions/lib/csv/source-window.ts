/** The bytes of a file that have been passed to the parser and belong to records not yet finished. */
export class SourceWindow {
  readonly #chunks: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #end = 0;
  #start = 0;

  /** Remembers each chunk as it passes. */
  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of chunks) {
      this.#forgetFinished();
      this.#chunks.push({ offset: this.#end, bytes });
      this.#end += bytes.length;
      yield bytes;
    }
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
