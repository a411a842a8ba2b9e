import type { GlueRuns } from "./glue-runs.ts";
import { phase, phaseCount, phaseNames } from "./phases.ts";
import type { Tally } from "./tally.ts";
import { none, type Threads } from "./threads.ts";

/** Keeps account of where the time of threads goes: each moment belongs to one phase. */
export class ThreadTimes {
  readonly #threads: Threads;
  readonly #runs: GlueRuns;
  readonly #tally: Tally;

  constructor(threads: Threads, runs: GlueRuns, tally: Tally) {
    this.#threads = threads;
    this.#runs = runs;
    this.#tally = tally;
  }

  /** What has not been accounted for yet belongs to a phase, up to a moment. */
  account(thread: number, of: number, to: number): void {
    const { since, spent } = this.#threads;
    const from = since[thread] ?? 0;
    if (to <= from) return;
    const place = thread * phaseCount + of;
    spent[place] = (spent[place] ?? 0) + (to - from);
    since[thread] = to;
    this.#write(thread, of, from, to);
  }

  /** The same, unless the thread's run tells what the time was for: then that is seen when the thread sees its end. */
  accountAside(thread: number, of: number, to: number): void {
    if (this.#threads.run[thread] === none) this.account(thread, of, to);
  }

  /** The run of the thread tells what it waited for. */
  accountRun(thread: number, run: number, now: number): void {
    const { beginsAt, runsAt, endsAt } = this.#runs;
    this.account(thread, phase.waiting, Math.min(now, beginsAt[run] ?? 0));
    this.account(thread, phase.startingUp, Math.min(now, runsAt[run] ?? 0, endsAt[run] ?? 0));
    this.account(thread, phase.running, Math.min(now, endsAt[run] ?? 0));
    this.account(thread, phase.noticing, now);
  }

  /** What of a sampled execution happens in branches is told by the first of them. */
  #write(thread: number, of: number, from: number, to: number): void {
    const { root, sample, branch } = this.#threads;
    const index = sample[root[thread] ?? 0] ?? 0;
    if (index === none || (branch[thread] ?? 0) > 0) return;
    const name = phaseNames[of];
    const spans = this.#tally.samples[index]?.spans;
    if (spans === undefined || name === undefined) return;
    const last = spans.at(-1);
    if (last?.name === name && last.to === from / 1000) spans[spans.length - 1] = { ...last, to: to / 1000 };
    else spans.push({ name, from: from / 1000, to: to / 1000 });
  }
}
