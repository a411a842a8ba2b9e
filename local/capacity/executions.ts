import { MAX_EXPRESS_EVENTS, MAX_HISTORY_EVENTS } from "../states/limits.ts";
import { event } from "./event-kinds.ts";
import type { EndEffect, FlowNode, OutcomeId, PauseEffect } from "./flow.ts";
import { Forks, waitsForRun } from "./forks.ts";
import { isFinal, state } from "./run-states.ts";
import { phase } from "./phases.ts";
import type { FileOutcome } from "./tally.ts";
import { pending, TaskCalls } from "./task-calls.ts";
import { ThreadTimes } from "./thread-times.ts";
import { mode, none, Threads } from "./threads.ts";
import { tick } from "./ticks.ts";
import type { CapacityWorld } from "./world.ts";

/** A step that the flow has not worked out yet. */
interface Miss {
  readonly thread: number;
  readonly uses: number;
  readonly next: () => Promise<FlowNode>;
}

/** What an execution is started with. */
interface NewExecution {
  readonly firstFile: number;
  readonly files: number;
  readonly bytes: number;
  /** Place in the tally's samples, or none. */
  readonly sample: number;
}

/** Hears of an execution's end, before its thread is given to another. */
type Ended = (execution: number, outcome: FileOutcome, now: number) => void;

/** Takes executions along their flow. */
export class Executions {
  readonly threads = new Threads();
  /** To be worked out before anything else happens. */
  readonly misses: Miss[] = [];
  readonly #world: CapacityWorld;
  readonly #times: ThreadTimes;
  readonly #calls: TaskCalls;
  readonly #ended: Ended;
  readonly #forks: Forks;
  readonly #mostEvents: number;
  readonly #isExpress: boolean;

  constructor(world: CapacityWorld, ended: Ended) {
    this.#world = world;
    this.#ended = ended;
    this.#times = new ThreadTimes(this.threads, world.runs, world.tally);
    this.#calls = new TaskCalls(world, this.threads, this.#times, (thread, at, outcome) => {
      this.threads.setOutcome(thread, outcome);
      this.#sleep(thread, mode.calling, at);
    });
    this.#forks = new Forks(world, this.threads, {
      follow: (thread, node, now) => {
        this.follow(thread, node, now);
      },
      settle: (thread, now) => {
        this.#settle(thread, now);
      },
      miss: (thread, next) => {
        this.#miss(thread, next);
      },
    });
    this.#isExpress = world.program.machine.type === "EXPRESS";
    this.#mostEvents = this.#isExpress ? MAX_EXPRESS_EVENTS : MAX_HISTORY_EVENTS;
  }

  start({ firstFile, files, bytes, sample }: NewExecution, now: number): void {
    const { threads } = this;
    const { tally, program, flow } = this.#world;
    const thread = threads.add(none, 0, now);
    threads.firstFile[thread] = firstFile;
    threads.files[thread] = files;
    threads.bytes[thread] = bytes;
    threads.deadline[thread] = now + 1000 * program.machine.timeoutSeconds;
    threads.events[thread] = 0;
    threads.sample[thread] = sample;
    threads.startedAt[thread] = now;
    tally.executions++;
    tally.course.change("executions", now, 1);
    const node = flow.start(bytes);
    if (node instanceof Promise) this.#miss(thread, () => node);
    else this.follow(thread, node, now);
  }

  /** Leads a thread on to a node, as far as it goes without time passing. */
  follow(thread: number, first: FlowNode, now: number): void {
    let node: FlowNode | undefined = first;
    while (node !== undefined) {
      this.threads.node[thread] = node;
      node = this.#enter(thread, node, now) ? this.#act(thread, node, now) : undefined;
    }
  }

  /** An event has come for a thread; it may have been given up meanwhile. */
  wake(thread: number, eventId: number, now: number): void {
    const { threads } = this;
    const node = threads.node[thread];
    if (threads.wake[thread] !== eventId || node === undefined) return;
    threads.wake[thread] = none;
    const next = this.#woken(thread, node, now);
    if (next !== undefined) this.follow(thread, next, now);
  }

  runEnded(run: number, eventId: number, now: number): void {
    const { runs } = this.#world;
    if (!runs.ends(run, eventId, now)) return;
    const thread = runs.waiter[run] ?? 0;
    if (thread !== none && runs.waiterUses[run] === this.threads.uses[thread]) {
      const node = this.threads.node[thread];
      if (node !== undefined) this.#calls.runEnded(thread, node, run, now);
    }
    runs.forget(run);
  }

  functionDone(index: number, now: number): void {
    this.#calls.functionDone(index, now);
  }

  #woken(thread: number, node: FlowNode, now: number): FlowNode | undefined {
    const { threads } = this;
    switch (threads.mode[thread]) {
      case mode.entering:
        this.#times.accountAside(thread, phase.other, now);
        return this.#act(thread, node, now);
      case mode.pausing:
        return this.#paused(thread, node, now);
      case mode.calling: {
        const outcome = threads.outcome[thread] ?? 0;
        this.#calls.answered(thread, node, outcome, now);
        return this.#after(thread, node, outcome);
      }
      default:
        this.#finish(threads.root[thread] ?? 0, "failed", now);
        return undefined;
    }
  }

  /** Charges for the way to a node. False: the thread waits, or its execution has come to its end. */
  #enter(thread: number, node: FlowNode, now: number): boolean {
    const { threads } = this;
    const { tally, buckets } = this.#world;
    const root = threads.root[thread] ?? 0;
    const events = (threads.events[root] ?? 0) + node.events;
    threads.events[root] = events;
    tally.transitions += node.transitions;
    if (events > this.#mostEvents) {
      this.#finish(root, "failed", now);
      return false;
    }
    if (this.#isExpress || node.transitions === 0) return true;
    const delay = buckets.transitions.reserve(node.transitions, now);
    if (delay === 0) return true;
    tally.throttled("Step Functions", "StateTransition", now);
    this.#sleep(thread, mode.entering, now + tick(delay));
    return false;
  }

  #act(thread: number, node: FlowNode, now: number): FlowNode | undefined {
    const { effect } = node;
    switch (effect.kind) {
      case "call": {
        const outcome = this.#calls.call(thread, node, effect, now);
        return outcome === pending ? undefined : this.#after(thread, node, outcome);
      }
      case "pause":
        return this.#pause(thread, node, effect, now);
      case "fork":
        this.#times.accountAside(thread, phase.other, now);
        this.#forks.begin(thread, node, effect, now);
        return undefined;
      case "end":
        this.#end(thread, node, effect, now);
        return undefined;
    }
  }

  #after(thread: number, node: FlowNode, outcome: OutcomeId): FlowNode | undefined {
    const { flow } = this.#world;
    const known = flow.after(node, outcome);
    if (known === undefined) this.#miss(thread, () => flow.workOut(node, { outcome }));
    return known;
  }

  #pause(thread: number, node: FlowNode, effect: PauseEffect, now: number): FlowNode | undefined {
    const { tally, delays } = this.#world;
    const ms = tick(1000 * (effect.isJittered ? effect.seconds * delays.next() : effect.seconds));
    if (effect.why === "retry") tally.retries++;
    if (waitsForRun(effect)) tally.course.change("waitingForRun", now, 1);
    if (ms <= 0) return this.#paused(thread, node, now);
    this.#sleep(thread, mode.pausing, now + ms);
    return undefined;
  }

  #paused(thread: number, node: FlowNode, now: number): FlowNode | undefined {
    const { flow } = this.#world;
    if (node.effect.kind === "pause") {
      if (waitsForRun(node.effect)) this.#world.tally.course.change("waitingForRun", now, -1);
      this.#times.accountAside(thread, this.#phaseOf(thread, node.effect), now);
    }
    const known = flow.afterPause(node);
    if (known === undefined) this.#miss(thread, () => flow.workOut(node, { passed: true }));
    return known;
  }

  /** A Wait of an execution whose last run has not gone well is one before the next run. */
  #phaseOf(thread: number, effect: PauseEffect): number {
    if (waitsForRun(effect)) return phase.waiting;
    const seen = this.threads.seen[thread] ?? 0;
    return effect.why === "retry" || (isFinal(seen) && seen !== state.succeeded) ? phase.retrying : phase.other;
  }

  #end(thread: number, node: FlowNode, effect: EndEffect, now: number): void {
    if (this.threads.parent[thread] === none) this.#finish(thread, outcomeOf(effect), now);
    else this.#forks.branchEnded(thread, node, effect, now);
  }

  #finish(root: number, outcome: FileOutcome, now: number): void {
    const { threads } = this;
    const { tally } = this.#world;
    this.#settle(root, now);
    this.#forks.abandonBranches(root, now);
    const events = threads.events[root] ?? 0;
    tally.historyEvents += Math.min(events, this.#mostEvents);
    tally.mostHistoryEvents = Math.max(tally.mostHistoryEvents, Math.min(events, this.#mostEvents));
    tally.course.change("executions", now, -1);
    this.#ended(root, outcome, now);
    threads.remove(root);
  }

  #settle(thread: number, now: number): void {
    this.#calls.leave(thread, now);
    this.#times.account(thread, phase.other, now);
  }

  /** Has an event wake the thread, at the latest when its execution times out. */
  #sleep(thread: number, how: number, until: number): void {
    const { threads } = this;
    const deadline = threads.deadline[threads.root[thread] ?? 0] ?? 0;
    const isLate = until > deadline;
    const at = isLate ? deadline : until;
    threads.mode[thread] = isLate ? mode.timedOut : how;
    threads.wake[thread] = at === Infinity ? none : this.#world.heap.push(at, event.wake, thread);
  }

  #miss(thread: number, next: Miss["next"]): void {
    this.misses.push({ thread, uses: this.threads.uses[thread] ?? 0, next });
  }
}

const outcomeOf = ({ status, outcome }: EndEffect): FileOutcome => {
  if (outcome === "succeeded" || outcome === "failed" || outcome === "rejected") return outcome;
  return status === "SUCCEEDED" ? "succeeded" : "failed";
};
