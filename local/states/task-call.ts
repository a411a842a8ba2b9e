import { Interruption } from "./errors.ts";
import type { TaskRequest } from "./machine.ts";
import { StatesError } from "./machine.ts";
import type { TaskPlan } from "./plan.ts";
import type { TaskCallback } from "./task-callback.ts";
import type { Visit } from "./visit.ts";

/** How long a call may take, and what its end is. */
export interface TaskLimits {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** Of a task whose call does not end it. */
  readonly waiting: Waiting | undefined;
}

interface Waiting {
  readonly callback: TaskCallback;
  /** Hears what the call answered. */
  readonly onSubmitted: (output: unknown) => void;
}

/** A Task's call, in a thread of its own: a time-out or an interruption need not wait for it. */
export class TaskCall implements TaskRequest {
  readonly resource: string;
  readonly stateName: string;
  readonly arguments: unknown;
  readonly #visit: Visit<TaskPlan>;
  readonly #timeoutAt: number;
  readonly #heartbeatMs: number;
  readonly #waiting: Waiting | undefined;
  #silentAt = Infinity;
  #reject: (error: unknown) => void = ignore;
  #isDone = false;
  #isInterrupted = false;

  constructor(visit: Visit<TaskPlan>, args: unknown, limits: TaskLimits) {
    const { timeoutSeconds = Infinity, heartbeatSeconds = Infinity, waiting } = limits;
    this.#waiting = waiting;
    this.#visit = visit;
    this.arguments = args;
    this.resource = visit.state.resource;
    this.stateName = visit.state.name;
    this.#timeoutAt = visit.run.clock.now() + timeoutSeconds * 1_000;
    this.#heartbeatMs = heartbeatSeconds * 1_000;
  }

  /** Tells that the task is alive. A method of a class would lose its `this` when the host passes it on. */
  readonly heartbeat = (): void => {
    if (!this.#isDone) this.#setAlarm();
  };

  readonly isAbandoned = (): boolean => this.#isDone;

  readonly isInterrupted = (): boolean => this.#isInterrupted;

  async answer(): Promise<unknown> {
    const { run, thread } = this.#visit;
    try {
      return await thread.waitFor<unknown>(run.clock, (resolve, reject) => {
        this.#reject = reject;
        this.#setAlarm();
        const answer = run.clock.spawn(() => run.host.task(this));
        const end = this.#waiting === undefined ? answer : this.#endOf(answer, this.#waiting);
        end.then(resolve, reject);
      });
    } catch (error) {
      this.#isInterrupted = error instanceof Interruption;
      throw error;
    } finally {
      this.#isDone = true;
      if (this.#hasAlarm()) thread.alarm(run.clock).clear();
    }
  }

  /** What was told before the call had answered counts once it has. */
  async #endOf(answer: Promise<unknown>, { callback, onSubmitted }: Waiting): Promise<unknown> {
    const end = callback.end(this.heartbeat);
    const output = await answer;
    if (this.#isDone || !callback.isTold) return output;
    onSubmitted(output);
    return end;
  }

  #hasAlarm(): boolean {
    return Math.min(this.#timeoutAt, this.#visit.run.deadline, this.#heartbeatMs) < Infinity;
  }

  #setAlarm(): void {
    if (!this.#hasAlarm()) return;
    const { run, thread } = this.#visit;
    this.#silentAt = run.clock.now() + this.#heartbeatMs;
    const at = Math.min(this.#timeoutAt, this.#silentAt, run.deadline);
    thread.alarm(run.clock).set(at, () => {
      this.#reject(this.#lateness(at));
    });
  }

  #lateness(at: number): Error {
    const { run, state } = this.#visit;
    if (at === run.deadline) return new Interruption("TIMED_OUT");
    if (at === this.#timeoutAt) {
      return new StatesError("States.Timeout", `The task of ${state.name} took longer than its TimeoutSeconds`);
    }
    return new StatesError("States.HeartbeatTimeout", `The task of ${state.name} was silent for its HeartbeatSeconds`);
  }
}

const ignore = (): void => undefined;
