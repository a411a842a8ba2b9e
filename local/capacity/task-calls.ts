import { untilNextLook } from "../../functions/lib/sync-looks.ts";
import type { AnswerPlan, CallPlan, ExecutionPlan, ListPlan, LookPlan, RunPlan, StartPlan } from "./call-plan.ts";
import { CallPlans } from "./call-plans.ts";
import type { Completion } from "./design.ts";
import { event } from "./event-kinds.ts";
import type { CallEffect, FlowNode, OutcomeId } from "./flow.ts";
import { hasGoneWrong, isFinal, refused } from "./run-states.ts";
import { phase } from "./phases.ts";
import { countRequest } from "./requests.ts";
import type { ThreadTimes } from "./thread-times.ts";
import { limit, none, type Threads } from "./threads.ts";
import type { CapacityWorld } from "./world.ts";

/** The call has no answer yet: the thread hears of it by an event. */
export const pending = -1;

/** Has an event wake a thread, which then has this outcome. */
type Wake = (thread: number, at: number, outcome: OutcomeId) => void;

/** Makes the calls of Tasks. */
export class TaskCalls {
  readonly #world: CapacityWorld;
  readonly #threads: Threads;
  readonly #times: ThreadTimes;
  readonly #wake: Wake;
  readonly #plans: CallPlans;
  /** By the node's number. */
  readonly #known: (CallPlan | undefined)[] = [];

  constructor(world: CapacityWorld, threads: Threads, times: ThreadTimes, wake: Wake) {
    this.#world = world;
    this.#threads = threads;
    this.#times = times;
    this.#wake = wake;
    this.#plans = new CallPlans(world.program, world.flow);
  }

  /** Gives the outcome, or `pending`. */
  call(thread: number, node: FlowNode, effect: CallEffect, now: number): OutcomeId {
    const plan = (this.#known[node.id] ??= this.#plans.planOf(effect));
    this.#threads.refusedBy[thread] = limit.none;
    switch (plan.kind) {
      case "start":
        return this.#start(thread, plan, now);
      case "look":
        return this.#look(thread, plan, now);
      case "stop": {
        const run = this.#threads.run[this.#owner(thread)] ?? 0;
        if (run !== none) this.#world.runs.stop(run, now);
        return plan.stopped;
      }
      case "run":
        return this.#run(thread, plan, effect, now);
      case "list":
        return this.#list(thread, plan, now);
      case "execution":
        return this.#startExecution(thread, plan, now);
      case "answer":
        return this.#answer(thread, plan, now);
    }
  }

  get completion(): Completion {
    for (const plan of this.#known) if (plan?.kind === "run") return plan.by === "event" ? "event" : "sync";
    return "poll";
  }

  /** The run that a thread waits for has ended: when does the thread notice? */
  runEnded(thread: number, node: FlowNode, run: number, now: number): void {
    const plan = this.#known[node.id];
    if (plan?.kind !== "run" || node.effect.kind !== "call") return;
    const startedAt = this.#threads.since[thread] ?? 0;
    const at = plan.by === "looks" ? lookAfter(startedAt, now) : this.#eventAt(plan, now);
    const { timeoutSeconds, heartbeatSeconds } = node.effect;
    const latest = startedAt + 1000 * Math.min(timeoutSeconds, plan.by === "event" ? heartbeatSeconds : Infinity);
    if (at > latest || at - startedAt > plan.givesUpAfter) return;
    this.#wake(thread, at, plan.ends[this.#world.runs.stateAt(run, now)] ?? plan.timedOut);
  }

  /** A call that took its time is over. */
  answered(thread: number, node: FlowNode, outcome: OutcomeId, now: number): void {
    const plan = this.#known[node.id];
    if (plan?.kind !== "run") {
      this.#times.accountAside(thread, phase.other, now);
      return;
    }
    const run = this.#threads.run[thread] ?? 0;
    if (run === none) return;
    const { runs } = this.#world;
    // Who waits by an event and hears none looks at the run itself from then on.
    if (outcome === plan.silent && plan.by === "event") {
      runs.waiter[run] = none;
      return;
    }
    if (outcome === plan.gaveUp) runs.stop(run, now);
    this.leave(thread, now);
  }

  /** The thread has seen the end of its run, or waits for it no more. */
  leave(thread: number, now: number): void {
    const { run, seen } = this.#threads;
    const left = run[thread] ?? 0;
    if (left === none) return;
    const { runs } = this.#world;
    this.#times.accountRun(thread, left, now);
    seen[thread] = runs.stateAt(left, now);
    run[thread] = none;
    runs.waiter[left] = none;
    runs.leave(left);
  }

  #start(thread: number, plan: StartPlan, now: number): OutcomeId {
    return this.#tryStart(thread, plan, now) ?? plan.started;
  }

  /** Undefined: the thread has a run. */
  #tryStart(thread: number, plan: StartPlan | RunPlan, now: number): OutcomeId | undefined {
    const { buckets, runs, tally } = this.#world;
    const threads = this.#threads;
    if (!buckets.startJobRun.take(now)) {
      tally.throttled("Glue", "StartJobRun: ThrottlingException", now);
      threads.refusedBy[thread] = limit.startJobRun;
      return plan.throttled;
    }
    const root = threads.root[thread] ?? 0;
    const run = runs.start(plan.job, threads.files[root] ?? 0, threads.bytes[root] ?? 0, now);
    if (run === refused.byJob || run === refused.byAccount) {
      const isJob = run === refused.byJob;
      const name = isJob ? "ConcurrentRunsExceededException" : "ResourceNumberLimitExceededException";
      tally.throttled("Glue", name, now);
      return isJob ? plan.byJob : plan.byAccount;
    }
    this.#times.account(thread, phase.other, now);
    // A run that nobody asked about further is not looked at again.
    this.leave(thread, now);
    // A run after one that went well is that of another stage.
    if (hasGoneWrong(threads.seen[thread] ?? 0)) tally.retries++;
    threads.run[thread] = run;
    return undefined;
  }

  #look(thread: number, plan: LookPlan, now: number): OutcomeId {
    return this.#seen(thread, plan, now) ?? plan.throttled;
  }

  #list(thread: number, plan: ListPlan, now: number): OutcomeId {
    const owner = this.#owner(thread);
    const hasRun = this.#threads.run[owner] !== none || isFinal(this.#threads.seen[owner] ?? 0);
    return hasRun ? (this.#seen(thread, plan, now, false) ?? plan.throttled) : plan.nothing;
  }

  /** The state of the thread's run; undefined where Glue throttles. Seeing the end settles it, unless only listed. */
  #seen(
    thread: number,
    { states }: { readonly states: readonly OutcomeId[] },
    now: number,
    settles = true,
  ): OutcomeId | undefined {
    const { buckets, runs, tally } = this.#world;
    if (!buckets.getJobRun.take(now)) {
      tally.throttled("Glue", "GetJobRun: ThrottlingException", now);
      this.#threads.refusedBy[thread] = limit.getJobRun;
      return undefined;
    }
    const owner = this.#owner(thread);
    const run = this.#threads.run[owner] ?? 0;
    const code = run === none ? (this.#threads.seen[owner] ?? 0) : runs.stateAt(run, now);
    if (run !== none && settles && isFinal(code)) this.leave(owner, now);
    return states[code];
  }

  #run(thread: number, plan: RunPlan, effect: CallEffect, now: number): OutcomeId {
    const refusal = this.#tryStart(thread, plan, now);
    if (refusal !== undefined) return refusal;
    const { runs, lambda, assumed } = this.#world;
    const run = this.#threads.run[thread] ?? 0;
    for (const called of plan.functions) lambda.bill(called, 1, 1000 * assumed.lambda);
    runs.waiter[run] = thread;
    runs.waiterUses[run] = this.#threads.uses[thread] ?? 0;
    const silence = plan.by === "event" ? effect.heartbeatSeconds * 1000 : Infinity;
    const latest = Math.min(effect.timeoutSeconds * 1000, silence, plan.givesUpAfter);
    const outcome = latest === plan.givesUpAfter ? plan.gaveUp : latest === silence ? plan.silent : plan.timedOut;
    this.#wake(thread, now + latest, outcome);
    return pending;
  }

  #eventAt({ functions }: RunPlan, now: number): number {
    const { assumed, lambda } = this.#world;
    for (const called of functions) lambda.bill(called, 1, 1000 * assumed.lambda);
    return now + 1000 * (assumed.event + assumed.lambda);
  }

  #startExecution(thread: number, { machine, started, throttled }: ExecutionPlan, now: number): OutcomeId {
    const { buckets, tally } = this.#world;
    if (!buckets.startExecution.take(now)) {
      tally.throttled("Step Functions", "StartExecution: ThrottlingException", now);
      this.#threads.refusedBy[thread] = limit.startExecution;
      return throttled;
    }
    tally.otherExecutions.set(machine, (tally.otherExecutions.get(machine) ?? 0) + 1);
    return started;
  }

  #answer(thread: number, plan: AnswerPlan, now: number): OutcomeId {
    const { requests, lambda, heap, assumed } = this.#world;
    if (plan.service !== undefined) countRequest(requests, plan.service);
    if (plan.calls === undefined) return plan.answer;
    if (!lambda.begin(now)) {
      this.#threads.refusedBy[thread] = limit.lambda;
      return plan.throttled;
    }
    const ms = 1000 * assumed.lambda;
    heap.push(now + ms, event.functionDone, this.#functionIndex(plan), true);
    this.#wake(thread, now + ms, plan.answer);
    return pending;
  }

  readonly #called: AnswerPlan[] = [];

  #functionIndex(plan: AnswerPlan): number {
    const known = this.#called.indexOf(plan);
    return known >= 0 ? known : this.#called.push(plan) - 1;
  }

  functionDone(index: number, now: number): void {
    const called = this.#called[index]?.calls;
    if (called !== undefined) this.#world.lambda.end(called, 1000 * this.#world.assumed.lambda, now);
  }

  /** A branch may ask about the run of the thread that it is a branch of. */
  #owner(thread: number): number {
    const { run, seen, parent } = this.#threads;
    let owner = thread;
    while (run[owner] === none && !isFinal(seen[owner] ?? 0)) {
      const next = parent[owner] ?? 0;
      if (next === none) return thread;
      owner = next;
    }
    return owner;
  }
}

/** The first look of Step Functions from which a run's end can be seen. */
const lookAfter = (startedAt: number, end: number): number => {
  let at = startedAt;
  do at += untilNextLook(at - startedAt);
  while (at < end);
  return at;
};
