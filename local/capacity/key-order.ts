import type { Files } from "./files.ts";
import { none } from "./threads.ts";

/** What came of giving a key on: who has it now, and what was found. */
interface Advance {
  /** The version that has just been given its key, or none. */
  readonly given: number;
  readonly isHeld: boolean;
  /** Versions that a newer one has come before. */
  readonly superseded: readonly number[];
}

/**
 * The order of each key's versions: one at a time has its key until its end is recorded; then the oldest that waits gets it.
 * One that is older than the newest that has ever had it is superseded.
 */
export class KeyOrder {
  readonly #files: Files;
  readonly #newest: Float64Array;
  readonly #isHeld: Uint8Array;
  /** By key, the oldest first; only of keys for which something waits. */
  readonly #waiting = new Map<number, number[]>();

  constructor(files: Files, keys: number) {
    this.#files = files;
    this.#newest = new Float64Array(keys).fill(-1);
    this.#isHeld = new Uint8Array(keys);
  }

  enter(file: number): void {
    const { key, sequence } = this.#files;
    const of = key[file] ?? 0;
    const versions = this.#waiting.get(of);
    if (versions === undefined) {
      this.#waiting.set(of, [file]);
      return;
    }
    const after = versions.findLastIndex((other) => (sequence[other] ?? 0) < (sequence[file] ?? 0));
    versions.splice(after + 1, 0, file);
  }

  /** Gives the key on as far as it can be given on now. */
  advance(key: number): Advance {
    const { sequence } = this.#files;
    const versions = this.#waiting.get(key) ?? [];
    const newest = this.#newest[key] ?? -1;
    const current = versions.findIndex((file) => (sequence[file] ?? 0) > newest);
    const superseded = versions.splice(0, current < 0 ? versions.length : current);
    const isHeld = this.#isHeld[key] === 1;
    const given = isHeld ? none : (versions.shift() ?? none);
    if (versions.length === 0) this.#waiting.delete(key);
    if (given !== none) {
      this.#newest[key] = sequence[given] ?? 0;
      this.#isHeld[key] = 1;
    }
    return { given, isHeld, superseded };
  }

  release(key: number): void {
    this.#isHeld[key] = 0;
  }
}
