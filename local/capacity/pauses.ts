import type { FlowNode, PauseEffect } from "./flow.ts";
import { waitsForRun } from "./forks.ts";
import { phase } from "./phases.ts";
import { hasGoneWrong } from "./run-states.ts";
import type { ThreadTimes } from "./thread-times.ts";
import { limit, type Threads } from "./threads.ts";
import { tick } from "./ticks.ts";
import type { CapacityWorld } from "./world.ts";

/** Wait states, and what comes before a call that is tried again. */
export class Pauses {
  readonly #world: CapacityWorld;
  readonly #threads: Threads;
  readonly #times: ThreadTimes;

  constructor(world: CapacityWorld, threads: Threads, times: ThreadTimes) {
    this.#world = world;
    this.#threads = threads;
    this.#times = times;
  }

  /** Gives the milliseconds that it takes. */
  begin(thread: number, effect: PauseEffect, now: number): number {
    const { tally, delays } = this.#world;
    const ms = tick(1000 * (effect.isJittered ? effect.seconds * delays.next() : effect.seconds));
    if (waitsForRun(effect)) tally.course.change("waitingForRun", now, 1);
    if (effect.why === "retry") {
      tally.retries++;
      this.#waitsForLimit(thread, ms);
    }
    return ms;
  }

  end(thread: number, { effect }: FlowNode, now: number): void {
    if (effect.kind !== "pause") return;
    if (waitsForRun(effect)) this.#world.tally.course.change("waitingForRun", now, -1);
    this.#times.accountAside(thread, this.#phaseOf(thread, effect), now);
  }

  /** A call that was refused for a limit is tried again: so long the thread's files wait for that limit. */
  #waitsForLimit(thread: number, ms: number): void {
    const { refusedBy, files, root } = this.#threads;
    const { buckets, lambda } = this.#world;
    const waited = ms * (files[root[thread] ?? 0] ?? 0);
    const refused = refusedBy[thread];
    if (refused === limit.startJobRun) buckets.startJobRun.waited += waited;
    else if (refused === limit.getJobRun) buckets.getJobRun.waited += waited;
    else if (refused === limit.lambda) lambda.waited += waited;
    else if (refused === limit.startExecution) buckets.startExecution.waited += waited;
  }

  /** A Wait of an execution whose last run has not gone well is one before the next run. */
  #phaseOf(thread: number, effect: PauseEffect): number {
    if (waitsForRun(effect)) return phase.waiting;
    const seen = this.#threads.seen[thread] ?? 0;
    return effect.why === "retry" || hasGoneWrong(seen) ? phase.retrying : phase.other;
  }
}
