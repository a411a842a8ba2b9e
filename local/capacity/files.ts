import { grown } from "./event-heap.ts";
import { NumberQueue } from "./number-queue.ts";
import { none } from "./threads.ts";

/** The files that are on their way, a column for each fact. Times are milliseconds. */
export class Files {
  arrivedAt = new Float64Array(1024);
  bytes = new Float64Array(1024);
  /** How long it waited in a queue, and for its batch to fill up. */
  queued = new Float64Array(1024);
  batched = new Float64Array(1024);
  /** When it was last put where it waits. */
  since = new Float64Array(1024);
  /** Which key it is a version of, and how many files of all keys had landed before it. */
  key = new Int32Array(1024);
  sequence = new Float64Array(1024);
  /** The next file of the same execution. */
  next = new Int32Array(1024);
  /** How often it was tried, by whoever tries. */
  tries = new Uint16Array(1024);
  attempts = new Uint16Array(1024);
  /** Of the first file of an execution to be: all its files. */
  count = new Int32Array(1024);
  total = new Float64Array(1024);
  /** Place in the samples, or none. */
  sample = new Int32Array(1024);
  readonly #free = new NumberQueue();
  #used = 0;

  add(bytes: number, now: number, sample: number): number {
    if (this.#free.length === 0 && this.#used === this.next.length) this.#grow();
    const file = this.#free.shift() ?? this.#used++;
    this.arrivedAt[file] = now;
    this.bytes[file] = bytes;
    this.queued[file] = 0;
    this.batched[file] = 0;
    this.since[file] = now;
    this.next[file] = none;
    this.tries[file] = 0;
    this.attempts[file] = 0;
    this.count[file] = 1;
    this.total[file] = bytes;
    this.key[file] = 0;
    this.sequence[file] = 0;
    this.sample[file] = sample;
    return file;
  }

  remove(file: number): void {
    this.#free.push(file);
  }

  #grow(): void {
    const size = this.next.length * 2;
    const doubles = (column: Float64Array<ArrayBuffer>) => grown(column, new Float64Array(size));
    const ints = (column: Int32Array<ArrayBuffer>) => grown(column, new Int32Array(size));
    const shorts = (column: Uint16Array<ArrayBuffer>) => grown(column, new Uint16Array(size));
    this.arrivedAt = doubles(this.arrivedAt);
    this.bytes = doubles(this.bytes);
    this.queued = doubles(this.queued);
    this.batched = doubles(this.batched);
    this.since = doubles(this.since);
    this.key = ints(this.key);
    this.sequence = doubles(this.sequence);
    this.next = ints(this.next);
    this.tries = shorts(this.tries);
    this.attempts = shorts(this.attempts);
    this.count = ints(this.count);
    this.total = doubles(this.total);
    this.sample = ints(this.sample);
  }
}
