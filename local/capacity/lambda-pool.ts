import type { CapacityFunction } from "./program.ts";
import { Saturation } from "./saturation.ts";
import type { Tally } from "./tally.ts";

/** The calls of functions that an account may have at once, and what they bill. Times are milliseconds. */
export class LambdaPool {
  readonly full = new Saturation();
  /** Milliseconds that files have waited for room for the calls of their state machine, all together. */
  waited = 0;
  /** By function: calls and the time that they billed. */
  readonly used = new Map<CapacityFunction, { calls: number; billedMs: number }>();
  readonly #limit: number;
  readonly #tally: Tally;

  constructor(limit: number, tally: Tally) {
    this.#limit = limit;
    this.#tally = tally;
  }

  /** False: throttled. */
  begin(now: number): boolean {
    const tally = this.#tally;
    if (tally.lambda >= this.#limit) {
      this.full.begin(now);
      tally.throttled("Lambda", "TooManyRequestsException", now);
      return false;
    }
    if (++tally.lambda > tally.lambdaPeak) tally.lambdaPeak = tally.lambda;
    return true;
  }

  end(called: CapacityFunction, billedMs: number, now: number): void {
    this.#tally.lambda--;
    this.full.end(now);
    this.bill(called, 1, billedMs);
  }

  bill(called: CapacityFunction, calls: number, billedMs: number): void {
    const known = this.used.get(called);
    if (known === undefined) this.used.set(called, { calls, billedMs });
    else {
      known.calls += calls;
      known.billedMs += billedMs;
    }
  }
}
