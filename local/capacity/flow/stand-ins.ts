import type { Clock } from "../../clock.ts";

/**
 * Stands in texts for what tells one file from another: part of a key, an id. A definition whose course depends on such
 * a text is noticed, since its flow is worked out with one text and with another.
 */
export const STAND_IN = "a0standin0";

const OTHER = "z9nidnats9";

const year = 31_536_000_000;
const start = Date.parse("2026-01-01T00:00:00Z");
/** More than an execution may last, and at another time of another day. */
const step = year + 35 * 24 * 3_600_000 + 25_997_123;

/** Two worlds in which a flow is worked out: what differs between them is what a flow must not depend on. */
export class StandIns {
  readonly #isOther: boolean;
  /** From the first on, the time is another. */
  #steps = 1;

  constructor(which: "one" | "other") {
    this.#isOther = which === "other";
  }

  /** What a value is in this world. */
  put<T>(value: T): T {
    if (!this.#isOther) return value;
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? value : (JSON.parse(text.replaceAll(STAND_IN, OTHER)) as T);
  }

  /** Time stands still in the one; in the other, long times pass between any two effects. */
  now(): number {
    return this.#isOther ? start + ((this.#steps * step) % (7_000 * year)) : start;
  }

  passTime(): void {
    this.#steps++;
  }

  /** The least in the one, the most in the other. */
  readonly random = (): number => (this.#isOther ? 1 - Number.EPSILON : 0);
}

/** A time for one step of an execution, in which nothing waits. */
export const standingClock = (now: number): Clock => ({
  now: () => now,
  sleep: () => Promise.resolve(),
  spawn: (work) => work(),
  schedule: () => () => undefined,
  wait: (promise) => promise,
  idle: () => Promise.resolve(),
});
