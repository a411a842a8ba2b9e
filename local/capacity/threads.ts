import { grown } from "./event-heap.ts";
import type { FlowNode, OutcomeId } from "./flow.ts";
import { phaseCount } from "./phases.ts";

/** What a thread waits for. */
export const mode = { free: 0, entering: 1, pausing: 2, calling: 3, joining: 4, timedOut: 5 } as const;

export const none = -1;

/** What a call may be refused by, and then waits for by trying again. */
export const limit = { none: 0, startJobRun: 1, getJobRun: 2, lambda: 3, startExecution: 4 } as const;

/**
 * The threads of executions that go on, a column for each fact: an execution is a thread without a parent, its branches
 * and iterations are threads below it. A thread that has ended leaves its place to the next.
 */
export class Threads {
  mode = new Uint8Array(1024);
  /** How often the place has been used: who remembers a thread remembers this as well. */
  uses = new Uint32Array(1024);
  node: (FlowNode | undefined)[] = [];
  /** The only event that the thread hears. */
  wake = new Float64Array(1024);
  /** What a call will give. */
  outcome = new Int32Array(1024);
  parent = new Int32Array(1024);
  /** The execution that it is a part of. */
  root = new Int32Array(1024);
  /** Its place among the branches. */
  branch = new Int32Array(1024);
  /** The run that it has started and has not seen ended. */
  run = new Int32Array(1024);
  /** How the run that it saw last was. */
  seen = new Uint8Array(1024);
  /** The limit that its last call ran into, of `limit`. */
  refusedBy = new Uint8Array(1024);
  /** Up to when its time is accounted for, in milliseconds. */
  since = new Float64Array(1024);
  /** Milliseconds in each phase. */
  spent = new Float64Array(1024 * phaseCount);

  // Of executions alone:
  files = new Int32Array(1024);
  firstFile = new Int32Array(1024);
  bytes = new Float64Array(1024);
  deadline = new Float64Array(1024);
  events = new Int32Array(1024);
  /** Where its steps are written down, if they are. */
  sample = new Int32Array(1024);
  startedAt = new Float64Array(1024);

  #free = new Int32Array(1024);
  #freeCount = 0;
  #used = 0;

  add(parent: number, branch: number, now: number): number {
    const thread = this.#freeCount > 0 ? (this.#free[--this.#freeCount] ?? 0) : this.#next();
    this.mode[thread] = mode.entering;
    this.parent[thread] = parent;
    this.root[thread] = parent === none ? thread : (this.root[parent] ?? 0);
    this.branch[thread] = branch;
    this.run[thread] = none;
    this.seen[thread] = 0;
    this.refusedBy[thread] = limit.none;
    this.since[thread] = now;
    this.wake[thread] = none;
    this.spent.fill(0, thread * phaseCount, (thread + 1) * phaseCount);
    return thread;
  }

  remove(thread: number): void {
    this.mode[thread] = mode.free;
    this.wake[thread] = none;
    this.node[thread] = undefined;
    this.uses[thread] = (this.uses[thread] ?? 0) + 1;
    if (this.#freeCount === this.#free.length) {
      this.#free = grown(this.#free, new Int32Array(this.#free.length * 2));
    }
    this.#free[this.#freeCount++] = thread;
  }

  setOutcome(thread: number, outcome: OutcomeId): void {
    this.outcome[thread] = outcome;
  }

  /** What a thread has spent is what another has spent so far. */
  copySpent(from: number, to: number): void {
    this.spent.copyWithin(to * phaseCount, from * phaseCount, (from + 1) * phaseCount);
  }

  #next(): number {
    if (this.#used === this.mode.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const size = this.mode.length * 2;
    const ints = (column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => grown(column, new Int32Array(size));
    const doubles = (column: Float64Array<ArrayBuffer>, to = size): Float64Array<ArrayBuffer> =>
      grown(column, new Float64Array(to));
    this.mode = grown(this.mode, new Uint8Array(size));
    this.uses = grown(this.uses, new Uint32Array(size));
    this.wake = doubles(this.wake);
    this.outcome = ints(this.outcome);
    this.parent = ints(this.parent);
    this.root = ints(this.root);
    this.branch = ints(this.branch);
    this.run = ints(this.run);
    this.seen = grown(this.seen, new Uint8Array(size));
    this.refusedBy = grown(this.refusedBy, new Uint8Array(size));
    this.since = doubles(this.since);
    this.spent = doubles(this.spent, size * phaseCount);
    this.files = ints(this.files);
    this.firstFile = ints(this.firstFile);
    this.bytes = doubles(this.bytes);
    this.deadline = doubles(this.deadline);
    this.events = ints(this.events);
    this.sample = ints(this.sample);
    this.startedAt = doubles(this.startedAt);
  }
}
