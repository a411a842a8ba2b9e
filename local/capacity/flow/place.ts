import type { NextTry } from "../../states/retry.ts";
import type { Context } from "../../states/run.ts";
import type { StatePlan } from "../../states/plan.ts";
import type { Visit } from "../../states/visit.ts";

/** Where a thread of an execution waits, with all that decides how it goes on. */
export interface Place {
  readonly state: StatePlan;
  readonly input: unknown;
  /** All that the thread may still read, those of outer scopes included: inner scopes never assign those. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly enteredAt: number;
  readonly retryCount: number;
  /** Retries given by each of the state's retriers. */
  readonly attempts: readonly number[];
  /** Where it waits for another try. */
  readonly nextTry: NextTry | undefined;
}

/** By state, the variables that may still be read. */
export type Live = ReadonlyMap<string, ReadonlySet<string>>;

export const placeOf = (visit: Visit, live: Live): Place => ({
  state: visit.state,
  input: visit.input,
  vars: readable(visit.thread.vars, live.get(visit.state.name)),
  context: visit.context,
  enteredAt: visit.enteredAt,
  retryCount: visit.retryCount,
  attempts: retriersOf(visit.state).map((retrier) => visit.attempts.get(retrier) ?? 0),
  nextTry: visit.nextTry,
});

/** Puts a visit where a thread waits. */
export function resume(visit: Visit, place: Place): void {
  visit.retryCount = place.retryCount;
  visit.nextTry = place.nextTry;
  for (const [index, retrier] of retriersOf(place.state).entries()) {
    const made = place.attempts[index] ?? 0;
    if (made > 0) visit.attempts.set(retrier, made);
  }
}

/** Sorted, so that the order in which variables were assigned makes no difference. */
function readable(vars: Place["vars"], names: ReadonlySet<string> = new Set()): Place["vars"] {
  const found = [...names].filter((name) => name in vars).sort();
  return Object.fromEntries(found.map((name) => [name, vars[name]]));
}

const retriersOf = (state: StatePlan) => ("retry" in state ? state.retry : []);
