import type { Series } from "./result.ts";

const mostSteps = 600;

/** What is summed up over a step. */
const sums = ["arrivals", "ends", "throttles"] as const;
/** What has a value at each moment, of which a step tells the highest. */
const levels = ["queuedFiles", "waitingForRun", "executions", "jobRuns"] as const;

type Sum = (typeof sums)[number];
type Level = (typeof levels)[number];

/**
 * The course of a simulation in at most 600 steps, however long it takes: when they are used up, each two become one. It
 * also knows the highest value of each level.
 */
export class CourseOfTime {
  /** Milliseconds. */
  #step = 250;
  #last = 0;
  #end = this.#step;
  readonly #sums = Object.fromEntries(sums.map((name) => [name, new Float64Array(mostSteps)])) as Values<Sum>;
  readonly #highest = Object.fromEntries(levels.map((name) => [name, new Float64Array(mostSteps)])) as Values<Level>;
  readonly #now: Record<Level, number> = { queuedFiles: 0, waitingForRun: 0, executions: 0, jobRuns: 0 };
  readonly #peaks: Record<Level, number> = { queuedFiles: 0, waitingForRun: 0, executions: 0, jobRuns: 0 };
  /** Value × time of each level, for means. */
  readonly #areas: Record<Level, number> = { queuedFiles: 0, waitingForRun: 0, executions: 0, jobRuns: 0 };
  readonly #changed: Record<Level, number> = { queuedFiles: 0, waitingForRun: 0, executions: 0, jobRuns: 0 };

  count(name: Sum, now: number, by: number): void {
    if (now >= this.#end) this.#advance(now);
    const values = this.#sums[name];
    values[this.#last] = (values[this.#last] ?? 0) + by;
  }

  change(name: Level, now: number, by: number): void {
    if (now >= this.#end) this.#advance(now);
    const before = this.#now[name];
    this.#areas[name] += before * (now - this.#changed[name]);
    this.#changed[name] = now;
    const value = before + by;
    this.#now[name] = value;
    if (by < 0) return;
    const highest = this.#highest[name];
    if (value > (highest[this.#last] ?? 0)) highest[this.#last] = value;
    if (value > this.#peaks[name]) this.#peaks[name] = value;
  }

  level(name: Level): number {
    return this.#now[name];
  }

  peak(name: Level): number {
    return this.#peaks[name];
  }

  /** The level's value × milliseconds up to its last change. */
  area(name: Level): number {
    return this.#areas[name];
  }

  toSeries(): Series {
    const told = (values: Float64Array): readonly number[] => [...values.subarray(0, this.#last + 1)];
    return {
      stepSeconds: this.#step / 1000,
      arrivals: told(this.#sums.arrivals),
      ends: told(this.#sums.ends),
      throttles: told(this.#sums.throttles),
      queuedFiles: told(this.#highest.queuedFiles),
      waitingForRun: told(this.#highest.waitingForRun),
      executions: told(this.#highest.executions),
      jobRuns: told(this.#highest.jobRuns),
    };
  }

  /** A step in which nothing changes has the values that the one before it ended with. */
  #advance(now: number): void {
    while (now >= this.#step * mostSteps) this.#halve();
    const step = Math.floor(now / this.#step);
    for (const name of levels) this.#highest[name].fill(this.#now[name], this.#last + 1, step + 1);
    this.#last = step;
    this.#end = (step + 1) * this.#step;
  }

  #halve(): void {
    for (const name of sums) merge(this.#sums[name], (a, b) => a + b);
    for (const name of levels) merge(this.#highest[name], Math.max);
    this.#step *= 2;
    this.#last = Math.floor(this.#last / 2);
  }
}

type Values<Name extends string> = Readonly<Record<Name, Float64Array>>;

const merge = (values: Float64Array, both: (a: number, b: number) => number): void => {
  for (let index = 0; index < values.length; index++) {
    const [a, b] = [values[2 * index] ?? 0, values[2 * index + 1] ?? 0];
    values[index] = 2 * index < values.length ? both(a, b) : 0;
  }
};
