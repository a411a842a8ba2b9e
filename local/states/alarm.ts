import type { Cancel, Clock } from "../clock.ts";

/**
 * Time-outs of a thread, one at a time. Most never come, so a timer that is due before the next one is kept: it looks
 * again when it fires. A timer for each would fill the clock with cancelled ones.
 */
export class Alarm {
  readonly #clock: Clock;
  #at = Infinity;
  #fire: (() => void) | undefined;
  #timer: { readonly at: number; alarm: Alarm | undefined; readonly cancel: Cancel } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `fire` at a time, instead of what was set before. */
  set(at: number, fire: () => void): void {
    this.#at = at;
    this.#fire = fire;
    if (this.#timer === undefined || this.#timer.at > at) this.#arm(at);
  }

  clear(): void {
    this.#fire = undefined;
  }

  end(): void {
    this.#fire = undefined;
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer === undefined) return;
    // The clock may keep a cancelled timer for long: let it hold nothing.
    this.#timer.alarm = undefined;
    this.#timer.cancel();
    this.#timer = undefined;
  }

  #arm(at: number): void {
    this.#disarm();
    const holder: { alarm: Alarm | undefined } = { alarm: this };
    const cancel = this.#clock.schedule(at - this.#clock.now(), () => {
      if (holder.alarm !== undefined) holder.alarm.#onTimer();
      return Promise.resolve();
    });
    this.#timer = Object.assign(holder, { at, cancel });
  }

  #onTimer(): void {
    this.#timer = undefined;
    const fire = this.#fire;
    if (fire === undefined) return;
    if (this.#at > this.#clock.now()) {
      this.#arm(this.#at);
      return;
    }
    this.#fire = undefined;
    fire();
  }
}
