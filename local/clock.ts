import { setTimeout as sleepFor } from "node:timers/promises";

/**
 * Time as a parameter. One surface for simulated and for real time.
 *
 * Work that can run at the same time as other work goes through `spawn`; a spawned piece of work is one logical thread:
 * it sleeps with `sleep` and waits for other threads with `wait`, and never does two of these at once. That is how the
 * virtual clock knows that nothing is left to do now, and that it may step to the next deadline.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves `ms` later. Call it from spawned work only. */
  sleep(ms: number): Promise<void>;
  /** Starts a logical thread and gives its result. From another thread, await it through `wait`. */
  spawn<T>(work: () => Promise<T>): Promise<T>;
  /** Starts a logical thread `ms` later, unless it is cancelled by then. */
  schedule(ms: number, work: () => Promise<void>): Cancel;
  /** Waits, inside spawned work, for what other threads bring about. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Resolves when no thread is running, sleeping or scheduled. Call it from outside of spawned work. */
  idle(): Promise<void>;
}

export type Cancel = () => void;

interface Deadline {
  readonly at: number;
  /** Breaks ties: first come, first served. */
  readonly order: number;
  resume: () => void;
  cancelled: boolean;
}

/**
 * Steps from deadline to deadline without waiting. One thread runs at a time, up to its next sleep, wait or end, so
 * that the same work gives the same history even where threads do real I/O in between.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #running = false;
  #stepping = false;
  readonly #deadlines = new DeadlineQueue();
  #idleWaiters: (() => void)[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    const turn = this.#turn(this.#now + Math.max(0, ms));
    this.#release();
    await turn;
  }

  spawn<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#add(this.#now, () => {
        this.#run(work).then(resolve, reject);
      });
    });
  }

  schedule(ms: number, work: () => Promise<void>): Cancel {
    const deadline = this.#add(this.#now + Math.max(0, ms), () => void this.#run(work));
    return () => {
      deadline.cancelled = true;
      // It stays in the queue until its time comes; what it would have run need not.
      deadline.resume = () => undefined;
    };
  }

  async wait<T>(promise: Promise<T>): Promise<T> {
    this.#release();
    try {
      return await promise;
    } finally {
      await this.#turn(this.#now);
    }
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#step();
    });
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #turn(at: number): Promise<void> {
    return new Promise((resolve) => this.#add(at, resolve));
  }

  #add(at: number, resume: () => void): Deadline {
    const deadline = { at, order: this.#order++, resume, cancelled: false };
    this.#deadlines.push(deadline);
    this.#step();
    return deadline;
  }

  #release(): void {
    this.#running = false;
    this.#step();
  }

  /** Gives the next thread its turn. Time moves only once all promises have settled: they may still add work for now. */
  #step(): void {
    if (this.#running || this.#stepping) return;
    const next = this.#deadlines.peek();
    if (next !== undefined && next.at <= this.#now) {
      this.#resume(next);
      return;
    }
    this.#stepping = true;
    setImmediate(() => {
      this.#stepping = false;
      if (this.#running) return;
      const first = this.#deadlines.peek();
      if (first !== undefined) {
        this.#now = Math.max(this.#now, first.at);
        this.#resume(first);
        return;
      }
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const waiter of waiters) waiter();
    });
  }

  #resume(deadline: Deadline): void {
    this.#deadlines.pop();
    this.#running = true;
    deadline.resume();
  }
}

/** A binary heap of deadlines; the cancelled ones are dropped when they come to the top. */
class DeadlineQueue {
  readonly #heap: Deadline[] = [];

  push(deadline: Deadline): void {
    const heap = this.#heap;
    let index = heap.push(deadline) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(deadline, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = deadline;
  }

  peek(): Deadline | undefined {
    while (this.#heap[0]?.cancelled) this.pop();
    return this.#heap[0];
  }

  pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const [child, position] =
        right !== undefined && isBefore(right, left) ? [right, 2 * index + 2] : [left, 2 * index + 1];
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = position;
    }
    heap[index] = last;
  }
}

const isBefore = (a: Deadline, b: Deadline): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Node fires a timer of more than this at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The wall's clock. `now` is passed in, as everywhere. */
export class RealClock implements Clock {
  readonly now: () => number;
  #active = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(now: () => number) {
    this.now = now;
  }

  async sleep(ms: number): Promise<void> {
    await this.#pause(ms);
  }

  async spawn<T>(work: () => Promise<T>): Promise<T> {
    this.#active++;
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  schedule(ms: number, work: () => Promise<void>): Cancel {
    const abort = new AbortController();
    this.#active++;
    void this.#pause(ms, abort.signal)
      .then(work, () => undefined)
      .finally(() => {
        this.#end();
      });
    return () => {
      abort.abort();
    };
  }

  wait<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#settleIfIdle();
    });
  }

  async #pause(ms: number, signal?: AbortSignal): Promise<void> {
    let left = Math.max(0, ms);
    do {
      await sleepFor(Math.min(left, longestTimerMs), undefined, signal && { signal });
      left -= longestTimerMs;
    } while (left > 0);
  }

  #end(): void {
    this.#active--;
    this.#settleIfIdle();
  }

  #settleIfIdle(): void {
    if (this.#active > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const waiter of waiters) waiter();
  }
}
