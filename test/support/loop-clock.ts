import type { Cancel, Clock } from "../../local/clock.ts";

interface Deadline {
  readonly at: number;
  readonly order: number;
  readonly resume: () => void;
}

/** A clock without threads: all that waits may wait side by side. Steps from deadline to deadline. */
export class LoopClock implements Clock {
  #now: number;
  #order = 0;
  readonly #heap: Deadline[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#add(ms, resolve);
    });
  }

  spawn<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  schedule(ms: number, work: () => Promise<void>): Cancel {
    let isCancelled = false;
    this.#add(ms, () => {
      if (!isCancelled) void work();
    });
    return () => {
      isCancelled = true;
    };
  }

  wait<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }

  /** Lets all happen. */
  async idle(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#take();
      if (next === undefined) return;
      this.#now = Math.max(this.#now, next.at);
      next.resume();
    }
  }

  #add(ms: number, resume: () => void): void {
    const heap = this.#heap;
    const added = { at: this.#now + Math.max(0, ms), order: this.#order++, resume };
    let index = heap.length;
    heap.push(added);
    for (let parent = (index - 1) >> 1; index > 0 && isBefore(added, heap[parent]); parent = (index - 1) >> 1) {
      heap[index] = heap[parent] ?? added;
      index = parent;
    }
    heap[index] = added;
  }

  #take(): Deadline | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      const smaller = heap[child];
      if (smaller === undefined || !isBefore(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (a: Deadline | undefined, b: Deadline | undefined): boolean =>
  a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order));
