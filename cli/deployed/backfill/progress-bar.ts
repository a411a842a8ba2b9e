import { count, duration } from "../../render/format.ts";
import type { Screen } from "../../render/screen.ts";
import { progressBar } from "../../render/steps.ts";
import type { Paint } from "../../render/style.ts";

/** A redraw more often than this is not seen. Milliseconds. */
const INTERVAL = 100;
/** How often it is told where lines cannot be rewritten. Milliseconds. */
const LINE_INTERVAL = 60_000;

export interface ProgressBarOptions {
  /** Files there are to send, and those that were sent before. */
  readonly total: number;
  readonly before: number;
  readonly screen: Screen;
  readonly columns: number;
  readonly paint: Paint;
  /** Milliseconds by the wall's clock. */
  readonly now: () => number;
}

/** `  sending  ████░░░░░░  42 %  420 of 1,000 files, 35/s, 16.6 s left`. */
export class ProgressBar {
  readonly #options: ProgressBarOptions;
  readonly #begun: number;
  #shownAt: number;
  #toldAt: number;

  constructor(options: ProgressBarOptions) {
    this.#options = options;
    this.#begun = options.now();
    this.#shownAt = -Infinity;
    this.#toldAt = this.#begun;
  }

  /** So many files have been sent, those before included. */
  show(sent: number): void {
    const { screen, now, paint } = this.#options;
    const at = now();
    if (screen.isTerminal) {
      if (at - this.#shownAt < INTERVAL) return;
      this.#shownAt = at;
      screen.live(`  ${paint("active", "sending")}  ${this.#text(sent, at)}`);
    } else if (at - this.#toldAt >= LINE_INTERVAL) {
      this.#toldAt = at;
      screen.line(`  sending  ${this.#text(sent, at)}`);
    }
  }

  #text(sent: number, at: number): string {
    const { total, before, columns } = this.#options;
    const room = columns - "  sending  ".length - 1;
    const seconds = (at - this.#begun) / 1000;
    const perSecond = seconds < 1 ? 0 : (sent - before) / seconds;
    const pace =
      perSecond === 0
        ? ""
        : `, ${count(Math.round(perSecond * 10) / 10)}/s, ${duration(((total - sent) / perSecond) * 1000)} left`;
    const bar = progressBar(total === 0 ? 1 : sent / total, room);
    const text = `${bar}  ${count(sent)} of ${count(total)} files${pace}`;
    return text.length <= room ? text : bar;
  }
}
