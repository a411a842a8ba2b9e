import type { Clock } from "../clock.ts";
import { Interruption, isSiblingFailed } from "./errors.ts";
import type { ExecutionResult, ExecutionStart, MachineHost } from "./machine.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { FailingPlan, MachinePlan, ScopePlan, StatePlan, TaskPlan } from "./plan.ts";
import { runFlowState } from "./run-flow.ts";
import { runMap } from "./run-map.ts";
import { runParallel } from "./run-parallel.ts";
import { runTask } from "./run-task.ts";
import { type NextTry, withRetries } from "./retry.ts";
import { TaskCall, type TaskLimits } from "./task-call.ts";
import { Thread } from "./thread.ts";
import type { Step } from "./visit.ts";
import { Visit } from "./visit.ts";

export type Context = Readonly<Record<string, unknown>>;

/** States that run beside others of their kind: a branch of a Parallel or an iteration of a Map. */
export interface Branch {
  readonly scope: ScopePlan;
  readonly input: unknown;
  readonly context: Context;
  /** Of an iteration: what the history calls it. */
  readonly iteration?: Readonly<Record<string, unknown>>;
}

/** One execution. */
export class Run {
  readonly clock: Clock;
  readonly random: () => number;
  readonly host: MachineHost;
  /** When the execution times out, by the clock. */
  readonly deadline: number;
  /** Given where something else than this run goes through branches: their outputs, in their order. */
  readonly fork?: (
    visit: Visit<FailingPlan>,
    branches: readonly Branch[],
    atOnce: number,
  ) => Promise<readonly unknown[]>;
  readonly #plan: MachinePlan;
  readonly #start: ExecutionStart;
  readonly #root = Thread.root();
  #transitions = 0;
  #events = 0;

  constructor(plan: MachinePlan, start: ExecutionStart, host: MachineHost) {
    this.#plan = plan;
    this.#start = start;
    this.host = host;
    this.clock = host.clock;
    this.random = host.random;
    this.deadline = plan.timeoutSeconds === undefined ? Infinity : host.clock.now() + plan.timeoutSeconds * 1_000;
  }

  /** `work` goes through the states, and gives the last one's output. */
  async toEnd(
    work = (thread: Thread): Promise<unknown> =>
      this.states(this.#plan.scope, this.#start.input, thread, this.#start.context),
  ): Promise<ExecutionResult> {
    const { input, signal } = this.#start;
    const abort = (): void => {
      this.#root.interrupt(interruptionOf(signal?.reason));
    };
    this.recordAside(this.#root, "ExecutionStarted", { input });
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      checkPayload(input, "input of the execution");
      const output = await work(this.#root);
      this.#write(this.#root, "ExecutionSucceeded", { output });
      return { ...this.counts(), status: "SUCCEEDED", output };
    } catch (error) {
      return this.#failed(error);
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#root.end();
    }
  }

  #failed(error: unknown): ExecutionResult {
    if (error instanceof Interruption && error.status !== "SIBLING_FAILED") {
      const why = { ...(error.error && { error: error.error }), ...(error.cause && { cause: error.cause }) };
      // It comes from outside, and follows no event.
      this.#root.previousEventId = 0;
      if (error.status === "ABORTED") this.#write(this.#root, "ExecutionAborted", why);
      else this.#write(this.#root, "ExecutionTimedOut", { error: "States.Timeout" });
      return { ...this.counts(), status: error.status, ...why };
    }
    if (!(error instanceof StatesError)) throw error;
    const why = { ...(error.name !== "" && { error: error.name }), ...(error.cause !== "" && { cause: error.cause }) };
    this.#write(this.#root, "ExecutionFailed", why);
    return { ...this.counts(), status: "FAILED", ...why };
  }

  /** So far. */
  counts(): { readonly transitions: number; readonly events: number } {
    return { transitions: this.#transitions, events: this.#events };
  }

  /** Runs the states of a scope from its start, or from a later one, to an end, and gives the last one's output. */
  async states(
    scope: ScopePlan,
    input: unknown,
    thread: Thread,
    context: Context,
    startAt: string | undefined = scope.startAt,
  ): Promise<unknown> {
    let name: string | undefined = startAt;
    let value = input;
    while (name !== undefined) {
      const state = scope.states.get(name);
      if (state === undefined) throw new StatesError("States.Runtime", `There is no state ${name}`);
      const step: Step = await this.#state(state, value, thread, context);
      value = step.output;
      name = step.next;
    }
    return value;
  }

  async #state(state: StatePlan, input: unknown, thread: Thread, context: Context): Promise<Step> {
    this.checkTime(thread);
    this.#transitions++;
    this.record(thread, ENTERED[state.type], { name: state.name, input });
    return await this.passThrough(new Visit(this, state, input, thread, context));
  }

  /** Does what a state does, from where its visit has come to. */
  async passThrough(visit: Visit): Promise<Step> {
    const { state, thread } = visit;
    try {
      switch (state.type) {
        case "Task":
          return await withRetries(visit as Visit<typeof state>, runTask);
        case "Parallel":
          return await withRetries(visit as Visit<typeof state>, runParallel);
        case "Map":
          return await withRetries(visit as Visit<typeof state>, runMap);
        default:
          return await runFlowState(visit as Visit<typeof state>);
      }
    } catch (error) {
      visit.recordEvaluation(error);
      if (isSiblingFailed(error) && ABORTED.has(state.type)) this.recordAside(thread, `${state.type}StateAborted`, {});
      throw error;
    }
  }

  /** Runs an execution of a distributed Map, whose transitions count as this one's. */
  async runChild(plan: MachinePlan, start: ExecutionStart, host: MachineHost): Promise<ExecutionResult> {
    const result = await new Run(plan, start, host).toEnd();
    this.#transitions += result.transitions;
    return result;
  }

  /** A retry is paid for like entering the state. */
  countRetry(): void {
    this.#transitions++;
  }

  checkTime(thread: Thread): void {
    thread.throwIfInterrupted();
    if (this.clock.now() >= this.deadline) throw new Interruption("TIMED_OUT");
  }

  /** Makes a Task's call, up to its answer, its time-out or an interruption. */
  async call(visit: Visit<TaskPlan>, args: unknown, limits: TaskLimits): Promise<unknown> {
    return await new TaskCall(visit, args, limits).answer();
  }

  /** Lets the time before another attempt pass: with jitter, any part of it. */
  async pauseBeforeRetry(visit: Visit<FailingPlan>, { seconds, isJittered }: NextTry): Promise<void> {
    await this.pause(visit, (isJittered ? this.random() * seconds : seconds) * 1_000);
  }

  /** Lets time pass, up to an interruption or the execution's own time-out. */
  async pause({ thread }: Visit, ms: number): Promise<void> {
    if (ms <= 0) return;
    const allowed = Math.min(ms, this.deadline - this.clock.now());
    await thread.sleep(this.clock, allowed);
    this.checkTime(thread);
  }

  /** Writes an event of the history; one place is kept for the execution's end. */
  record(thread: Thread, type: string, details: Readonly<Record<string, unknown>>): void {
    if (this.#events >= this.#plan.maxEvents - 1) {
      throw new StatesError(
        "States.Runtime",
        `The execution reached ${this.#plan.maxEvents} history events, the most there may be`,
      );
    }
    this.#write(thread, type, details);
  }

  /** Writes an event that the thread's next one does not follow: that one follows the same as this does. */
  recordAside(thread: Thread, type: string, details: Readonly<Record<string, unknown>>): void {
    const { previousEventId } = thread;
    this.record(thread, type, details);
    thread.previousEventId = previousEventId;
  }

  #write(thread: Thread, type: string, details: Readonly<Record<string, unknown>>): void {
    const id = ++this.#events;
    this.host.observe({ id, previousEventId: thread.previousEventId, timestamp: this.clock.now(), type, details });
    thread.previousEventId = id;
  }
}

/** The signal's reason carries StopExecution's error and cause. */
const interruptionOf = (reason: unknown): Interruption =>
  reason instanceof StatesError ? new Interruption("ABORTED", reason.name, reason.cause) : new Interruption("ABORTED");

/** States that take time: the others are not caught in the middle. */
const ABORTED: ReadonlySet<StatePlan["type"]> = new Set(["Task", "Wait", "Parallel", "Map"]);

const ENTERED: Readonly<Record<StatePlan["type"], string>> = {
  Task: "TaskStateEntered",
  Choice: "ChoiceStateEntered",
  Wait: "WaitStateEntered",
  Pass: "PassStateEntered",
  Succeed: "SucceedStateEntered",
  Fail: "FailStateEntered",
  Parallel: "ParallelStateEntered",
  Map: "MapStateEntered",
};
