import { QueryError } from "./errors.ts";
import type { Env } from "./jsonata/env.ts";
import { SLOW } from "./jsonata/expression.ts";
import type { Bounds } from "./fields.ts";
import { describeBounds, isWithin } from "./fields.ts";
import { checkPayload } from "./payload.ts";
import { shown } from "./problems.ts";
import type { RetrierPlan, StatePlan } from "./plan.ts";
import type { NextTry } from "./retry.ts";
import type { Run } from "./run.ts";
import type { Template } from "./template.ts";
import type { Thread } from "./thread.ts";

/** What a state leads to. */
export interface Step {
  readonly output: unknown;
  /** Undefined: the scope ends. */
  readonly next: string | undefined;
}

/** What expressions see beside the state's input. */
export interface Seen {
  readonly result?: unknown;
  readonly errorOutput?: unknown;
  /** Instead of the context's own: the item of a Map. */
  readonly map?: unknown;
}

/** What a state's last part may have to evaluate. */
export interface Ending {
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
}

/** One passage through a state. */
export class Visit<State extends StatePlan = StatePlan> {
  retryCount = 0;
  /** Of a task that waits for it: each try has its own. */
  token: string | undefined;
  /** Retries that each retrier has given. */
  readonly attempts = new Map<RetrierPlan, number>();
  /** While the time before a retry passes. */
  nextTry: NextTry | undefined;

  constructor(
    readonly run: Run,
    readonly state: State,
    readonly input: unknown,
    readonly thread: Thread,
    readonly context: Readonly<Record<string, unknown>>,
    readonly enteredAt = run.clock.now(),
  ) {}

  env(seen: Seen = {}): Env {
    const states: Record<string, unknown> = { input: this.input };
    if (seen.result !== undefined) states.result = seen.result;
    if (seen.errorOutput !== undefined) states.errorOutput = seen.errorOutput;
    if (this.state.needsContext) states.context = this.#context(seen);
    const { run, thread } = this;
    return { vars: thread.vars, states, now: run.clock.now(), random: run.random, locals: undefined };
  }

  #context(seen: Seen): unknown {
    const State = {
      EnteredTime: new Date(this.enteredAt).toISOString(),
      Name: this.state.name,
      RetryCount: this.retryCount,
    };
    return {
      ...this.context,
      State,
      ...(seen.map !== undefined && { Map: seen.map }),
      ...(this.token !== undefined && { Task: { Token: this.token } }),
    };
  }

  async value(template: Template, env: Env): Promise<unknown> {
    const value = template.tryFast(env);
    return value === SLOW ? await template.evaluate(env) : value;
  }

  async optional(template: Template | undefined, env: Env, otherwise: unknown): Promise<unknown> {
    return template === undefined ? otherwise : await this.value(template, env);
  }

  /** A number within bounds; undefined where the field is absent. */
  async number(template: Template | undefined, env: Env, bounds: Bounds): Promise<number | undefined> {
    if (template === undefined) return undefined;
    const value = await this.value(template, env);
    if (isWithin(value, bounds)) return value;
    throw new QueryError(template.field, `it must be ${describeBounds(bounds)}, got ${shown(value)}`);
  }

  async text(template: Template | undefined, env: Env): Promise<string | undefined> {
    if (template === undefined) return undefined;
    const value = await this.value(template, env);
    if (typeof value === "string") return value;
    throw new QueryError(template.field, `it must be a string, got ${shown(value)}`);
  }

  /** Evaluates Output and Assign, both with the variables as they were, and leaves the state. */
  async leave(ending: Ending, seen: Seen, next: string | undefined, otherwise: unknown): Promise<Step> {
    let output = otherwise;
    let assigned: unknown;
    if (ending.output !== undefined || ending.assign !== undefined) {
      const env = this.env(seen);
      if (ending.output !== undefined) output = await this.value(ending.output, env);
      if (ending.assign !== undefined) assigned = await this.value(ending.assign, env);
    }
    checkPayload(output, `output of the state ${this.state.name}`);
    checkPayload(assigned, `variables that the state ${this.state.name} assigns`);
    const details: Record<string, unknown> = { name: this.state.name, output };
    if (assigned !== undefined) {
      Object.assign(this.thread.vars, assigned);
      details.assignedVariables = assigned;
    }
    this.run.record(this.thread, EXITED[this.state.type], details);
    return { output, next };
  }

  /** Writes that an expression of this state failed, once. */
  recordEvaluation(error: unknown): void {
    if (!(error instanceof QueryError) || error.isRecorded) return;
    error.isRecorded = true;
    const { name, cause, field } = error;
    this.run.record(this.thread, "EvaluationFailed", { error: name, cause, location: field, state: this.state.name });
  }
}

const EXITED: Readonly<Record<StatePlan["type"], string>> = {
  Task: "TaskStateExited",
  Choice: "ChoiceStateExited",
  Wait: "WaitStateExited",
  Pass: "PassStateExited",
  Succeed: "SucceedStateExited",
  Fail: "FailStateExited",
  Parallel: "ParallelStateExited",
  Map: "MapStateExited",
};
