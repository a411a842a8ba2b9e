import type { EndEffect, FlowNode, ForkEffect, PauseEffect } from "./flow.ts";
import { phaseCount } from "./phases.ts";
import { mode, none, type Threads } from "./threads.ts";
import type { CapacityWorld } from "./world.ts";

/** Branches of a Parallel or iterations of a Map on their way. */
interface Fork {
  readonly node: FlowNode;
  readonly effect: ForkEffect;
  /** By branch. */
  readonly ends: FlowNode[];
  readonly running: Set<number>;
  next: number;
  ended: number;
  failed: FlowNode | undefined;
  /** Branches are being started: what ends meanwhile is looked at afterwards. */
  isLaunching: boolean;
}

/** What leads threads along. */
interface ForkHost {
  readonly follow: (thread: number, node: FlowNode, now: number) => void;
  /** Accounts for all of a thread's time. */
  readonly settle: (thread: number, now: number) => void;
  readonly miss: (thread: number, next: () => Promise<FlowNode>) => void;
}

/** Threads that go on in branches, until all have ended or one has failed. */
export class Forks {
  readonly #world: CapacityWorld;
  readonly #threads: Threads;
  readonly #host: ForkHost;
  /** By the thread that waits for them. */
  readonly #forks = new Map<number, Fork>();

  constructor(world: CapacityWorld, threads: Threads, host: ForkHost) {
    this.#world = world;
    this.#threads = threads;
    this.#host = host;
  }

  begin(thread: number, node: FlowNode, effect: ForkEffect, now: number): void {
    const fork: Fork = {
      node,
      effect,
      ends: [],
      running: new Set(),
      next: 0,
      ended: 0,
      failed: undefined,
      isLaunching: false,
    };
    this.#forks.set(thread, fork);
    this.#threads.mode[thread] = mode.joining;
    this.#launch(thread, fork, none, now);
  }

  branchEnded(thread: number, node: FlowNode, { status }: EndEffect, now: number): void {
    const threads = this.#threads;
    const parent = threads.parent[thread] ?? none;
    const fork = this.#forks.get(parent);
    this.#host.settle(thread, now);
    if (fork === undefined) return;
    fork.running.delete(thread);
    fork.ends[threads.branch[thread] ?? 0] = node;
    fork.ended++;
    if (status === "FAILED") fork.failed ??= node;
    const isLast = fork.failed !== undefined || fork.ended === fork.effect.starts.length;
    // The branch that ends last has taken the longest: its time is that of the fork.
    if (isLast) this.#addSpent(thread, parent);
    this.#launch(parent, fork, thread, now);
    threads.remove(thread);
  }

  /** Ends the branches of a thread, which others have ended. */
  abandonBranches(thread: number, now: number): void {
    const fork = this.#forks.get(thread);
    if (fork === undefined) return;
    this.#forks.delete(thread);
    for (const child of fork.running) this.#abandon(child, now);
  }

  /** `after`: the branch whose end made room, and whose time is that of those that waited for it. */
  #launch(thread: number, fork: Fork, after: number, now: number): void {
    const threads = this.#threads;
    const { starts, atOnce } = fork.effect;
    if (fork.isLaunching) return;
    fork.isLaunching = true;
    while (fork.failed === undefined && fork.next < starts.length && fork.running.size < atOnce) {
      const start = starts[fork.next];
      const child = threads.add(thread, fork.next, now);
      if (after !== none) threads.copySpent(after, child);
      fork.next++;
      fork.running.add(child);
      if (start !== undefined) this.#host.follow(child, start, now);
      // The whole execution may have come to its end with that.
      if (this.#forks.get(thread) !== fork) return;
    }
    fork.isLaunching = false;
    if (fork.failed !== undefined || fork.ended === starts.length) this.#join(thread, fork, now);
  }

  #join(thread: number, fork: Fork, now: number): void {
    const { flow } = this.#world;
    const ends = fork.failed === undefined ? fork.ends : [fork.failed, ...this.#nodesOf(fork.running)];
    this.abandonBranches(thread, now);
    this.#threads.since[thread] = now;
    const known = flow.joined(fork.node, ends);
    if (known === undefined) this.#host.miss(thread, () => flow.workOut(fork.node, { ends }));
    else this.#host.follow(thread, known, now);
  }

  #nodesOf(threads: Iterable<number>): readonly FlowNode[] {
    return [...threads].flatMap((thread) => this.#threads.node[thread] ?? []);
  }

  /** A branch that a sibling's failure, or the execution's end, has ended. What it waits for is stopped. */
  #abandon(thread: number, now: number): void {
    const threads = this.#threads;
    const { runs, tally } = this.#world;
    this.abandonBranches(thread, now);
    const run = threads.run[thread] ?? none;
    const node = threads.node[thread];
    if (run !== none && threads.mode[thread] === mode.calling) runs.stop(run, now);
    if (threads.mode[thread] === mode.pausing && node?.effect.kind === "pause" && waitsForRun(node.effect)) {
      tally.course.change("waitingForRun", now, -1);
    }
    this.#host.settle(thread, now);
    threads.remove(thread);
  }

  #addSpent(from: number, to: number): void {
    const { spent } = this.#threads;
    for (let of = 0; of < phaseCount; of++) {
      spent[to * phaseCount + of] = (spent[to * phaseCount + of] ?? 0) + (spent[from * phaseCount + of] ?? 0);
    }
  }
}

/** Glue had no place for its run: it waits for one by trying again. */
export const waitsForRun = ({ why, error }: PauseEffect): boolean =>
  why === "retry" &&
  (error === "Glue.ConcurrentRunsExceededException" || error === "Glue.ResourceNumberLimitExceededException");
