import { createHash } from "node:crypto";
import { type Blob, blobName, measure, type Staged, type Storage } from "./storage.ts";

/** Keeps contents in memory: for tests and benchmarks. */
export class MemoryStorage implements Storage {
  readonly #staged = new WeakMap<Staged, readonly Uint8Array[]>();
  readonly #contents = new Map<string, readonly Uint8Array[]>();

  async stage(content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const pieces: Uint8Array[] = [];
    // Copied: the caller may fill its buffer anew.
    const staged = await measure(content, createHash("md5"), (piece) => pieces.push(Uint8Array.from(piece)));
    this.#staged.set(staged, pieces);
    return staged;
  }

  commit(staged: Staged, blob: Blob): void {
    this.#contents.set(blobName(blob), this.#staged.get(staged) ?? []);
  }

  archive(): void {
    // Versions lie side by side.
  }

  restore(): void {
    // As in archive.
  }

  remove(blob: Blob): void {
    this.#contents.delete(blobName(blob));
  }

  async *read(blob: Blob): AsyncGenerator<Uint8Array> {
    yield* await Promise.resolve(this.#contents.get(blobName(blob)) ?? []);
  }

  path(): undefined {
    return undefined;
  }
}
