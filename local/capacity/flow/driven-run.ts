import { Interruption } from "../../states/errors.ts";
import { StatesError } from "../../states/machine.ts";
import type { ExecutionStart, MachineHost } from "../../states/machine.ts";
import type { FailingPlan, MachinePlan, TaskPlan } from "../../states/plan.ts";
import type { NextTry } from "../../states/retry.ts";
import { type Branch, Run } from "../../states/run.ts";
import type { TaskLimits } from "../../states/task-call.ts";
import type { Visit } from "../../states/visit.ts";
import type { Outcome } from "../flow.ts";
import { type Live, type Place, placeOf } from "./place.ts";

/** What a thread waits for. */
export type Stop =
  | {
      readonly kind: "call";
      readonly place: Place;
      readonly resource: string;
      readonly arguments: unknown;
      readonly timeoutSeconds: number;
      readonly heartbeatSeconds: number;
    }
  | {
      readonly kind: "pause";
      readonly place: Place;
      readonly why: "wait" | "retry";
      readonly seconds: number;
      readonly isJittered: boolean;
      readonly error?: string;
    }
  | { readonly kind: "fork"; readonly place: Place; readonly branches: readonly Branch[]; readonly atOnce: number };

/** What the thread is given, so that it goes on. */
export type Given =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "passed" }
  | { readonly kind: "joined"; readonly outputs: readonly unknown[] }
  | { readonly kind: "failed"; readonly error: string; readonly cause: string }
  /** A branch beside it failed. */
  | { readonly kind: "interrupted" };

/** Thrown through the interpreter, which catches errors of executions only. */
export class Stopped extends Error {
  constructor(readonly stop: Stop) {
    super(`stopped at ${stop.place.state.name}`);
  }
}

/** What is led. */
export interface Driven {
  readonly plan: MachinePlan;
  readonly live: Live;
}

/** The interpreter's run, led by the hand: it goes on from what it is given to what it waits for next. */
export class DrivenRun extends Run {
  #given: Given | undefined;
  /** What was counted before it went on. */
  #before = { transitions: 0, events: 0 };

  readonly #live: Live;

  constructor({ plan, live }: Driven, start: ExecutionStart, host: MachineHost, given: Given | undefined) {
    // How long it takes, and how long its history gets, is not for a part of it to know.
    super({ ...plan, timeoutSeconds: undefined }, start, host);
    this.#live = live;
    this.#given = given;
  }

  /** Transitions and events since it was given something. */
  counted(): { readonly transitions: number; readonly events: number } {
    const { transitions, events } = this.counts();
    return { transitions: transitions - this.#before.transitions, events: events - this.#before.events };
  }

  override call(visit: Visit<TaskPlan>, args: unknown, limits: TaskLimits): Promise<unknown> {
    const given = this.#take();
    if (given?.kind === "outcome") return settled(given.outcome, limits);
    return stop({
      kind: "call",
      place: placeOf(visit, this.#live),
      resource: visit.state.resource,
      arguments: args,
      timeoutSeconds: limits.timeoutSeconds ?? Infinity,
      heartbeatSeconds: limits.heartbeatSeconds ?? Infinity,
    });
  }

  override pause(visit: Visit, ms: number): Promise<void> {
    if (ms <= 0 || this.#take()?.kind === "passed") return Promise.resolve();
    return stop({
      kind: "pause",
      place: placeOf(visit, this.#live),
      why: "wait",
      seconds: ms / 1_000,
      isJittered: false,
    });
  }

  override pauseBeforeRetry(visit: Visit<FailingPlan>, next: NextTry): Promise<void> {
    if (this.#take()?.kind === "passed") return Promise.resolve();
    return stop({ kind: "pause", place: placeOf(visit, this.#live), why: "retry", ...next });
  }

  override readonly fork = (
    visit: Visit<FailingPlan>,
    branches: readonly Branch[],
    atOnce: number,
  ): Promise<readonly unknown[]> => {
    if (branches.length === 0) return Promise.resolve([]);
    const given = this.#take();
    if (given?.kind === "joined") return Promise.resolve(given.outputs);
    if (given?.kind === "failed") return Promise.reject(new StatesError(given.error, given.cause));
    return stop({ kind: "fork", place: placeOf(visit, this.#live), branches, atOnce });
  };

  #take(): Given | undefined {
    const given = this.#given;
    if (given === undefined) return undefined;
    this.#given = undefined;
    this.#before = this.counts();
    if (given.kind === "interrupted") throw new Interruption("SIBLING_FAILED");
    return given;
  }
}

const stop = (at: Stop): Promise<never> => Promise.reject(new Stopped(at));

function settled(outcome: Outcome, { waiting }: TaskLimits): Promise<unknown> {
  if ("result" in outcome) {
    waiting?.onSubmitted(outcome.result);
    return Promise.resolve(outcome.result);
  }
  const { name, cause } = outcome.error;
  // A call that failed was never submitted; who waits for a token in vain has it.
  if (name === "States.Timeout" || name === "States.HeartbeatTimeout") waiting?.onSubmitted(null);
  return Promise.reject(new StatesError(name, cause));
}
