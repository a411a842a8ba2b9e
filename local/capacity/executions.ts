import { MAX_EXPRESS_EVENTS, MAX_HISTORY_EVENTS } from "../states/limits.ts";
import type { Completion } from "./design.ts";
import { event } from "./event-kinds.ts";
import { type ExecutionEnd, failed, outcomeOf } from "./execution-outcome.ts";
import type { Ended, Miss, NewExecution } from "./execution-types.ts";
import type { EndEffect, FlowNode, OutcomeId, PauseEffect } from "./flow.ts";
import { Forks } from "./forks.ts";
import { Pauses } from "./pauses.ts";
import { phase } from "./phases.ts";
import { stateNames } from "./run-states.ts";
import { pending, TaskCalls } from "./task-calls.ts";
import { ThreadTimes } from "./thread-times.ts";
import { mode, none, Threads } from "./threads.ts";
import { tick } from "./ticks.ts";
import type { CapacityWorld } from "./world.ts";

/** Takes executions along their flow. */
export class Executions {
  readonly threads = new Threads();
  /** To be worked out before anything else happens. */
  readonly misses: Miss[] = [];
  /** Of all executions that go on. */
  files = 0;
  readonly #world: CapacityWorld;
  readonly #times: ThreadTimes;
  readonly #calls: TaskCalls;
  readonly #pauses: Pauses;
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
    this.#pauses = new Pauses(world, this.threads, this.#times);
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

  /** By the calls that were made. */
  get completion(): Completion {
    return this.#calls.completion;
  }

  start({ firstFile, files, bytes, sample }: NewExecution, now: number): void {
    const { threads } = this;
    const { tally, program, flow } = this.#world;
    const thread = threads.add(none, 0, now);
    threads.firstFile[thread] = firstFile;
    threads.files[thread] = files;
    this.files += files;
    threads.bytes[thread] = bytes;
    threads.deadline[thread] = now + 1000 * program.machine.timeoutSeconds;
    threads.events[thread] = 0;
    threads.sample[thread] = sample;
    threads.startedAt[thread] = now;
    tally.executionStarted(now);
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
    const { runs, program, lambda, assumed } = this.#world;
    if (!runs.ends(run, eventId, now)) return;
    const ended = stateNames[runs.stateAt(run, now)] ?? "SUCCEEDED";
    for (const called of program.runListeners(runs.jobOf(run), ended)) lambda.bill(called, 1, 1000 * assumed.lambda);
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
        this.#finish(threads.root[thread] ?? 0, failed("States.Timeout: the execution took too long"), now);
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
    // One place is kept for the execution's end.
    const isEnd = node.effect.kind === "end" && thread === root;
    if (events > this.#mostEvents - (isEnd ? 0 : 1)) {
      threads.events[root] = this.#mostEvents;
      this.#finish(root, failed("States.Runtime: the history is full"), now);
      return false;
    }
    if (this.#isExpress || node.transitions === 0) return true;
    const delay = buckets.transitions.reserve(node.transitions, now);
    if (delay === 0) return true;
    tally.throttled("Step Functions", "StateTransition", now);
    buckets.transitions.waited += delay * (threads.files[root] ?? 0);
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
    const ms = this.#pauses.begin(thread, effect, now);
    if (ms <= 0) return this.#paused(thread, node, now);
    this.#sleep(thread, mode.pausing, now + ms);
    return undefined;
  }

  #paused(thread: number, node: FlowNode, now: number): FlowNode | undefined {
    const { flow } = this.#world;
    this.#pauses.end(thread, node, now);
    const known = flow.afterPause(node);
    if (known === undefined) this.#miss(thread, () => flow.workOut(node, { passed: true }));
    return known;
  }

  #end(thread: number, node: FlowNode, effect: EndEffect, now: number): void {
    if (this.threads.parent[thread] === none) this.#finish(thread, effect, now);
    else this.#forks.branchEnded(thread, node, effect, now);
  }

  #finish(root: number, end: ExecutionEnd, now: number): void {
    const { threads } = this;
    const outcome = outcomeOf(end);
    const { tally } = this.#world;
    this.#settle(root, now);
    this.#forks.abandonBranches(root, now);
    tally.executionEnded(Math.min(threads.events[root] ?? 0, this.#mostEvents), now);
    this.files -= threads.files[root] ?? 0;
    if (outcome === "failed") tally.failed(end.error ?? "an outcome without an error", threads.files[root] ?? 0);
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
