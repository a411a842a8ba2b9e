import { QueryError } from "./errors.ts";
import { SECONDS } from "./limits.ts";
import { StatesError } from "./machine.ts";
import type { ChoicePlan, FailPlan, PassPlan, SucceedPlan, WaitPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import type { Step, Visit } from "./visit.ts";

/** A year of five digits would not be RFC 3339. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** States that call nothing: Choice, Wait, Pass, Succeed and Fail. */
export async function runFlowState(
  visit: Visit<ChoicePlan | WaitPlan | PassPlan | SucceedPlan | FailPlan>,
): Promise<Step> {
  const { state } = visit;
  switch (state.type) {
    case "Choice":
      return await choose(visit, state);
    case "Wait":
      await wait(visit, state);
      return await visit.leave(state, {}, state.next, visit.input);
    case "Pass":
      return await visit.leave(state, {}, state.next, visit.input);
    case "Succeed":
      return await visit.leave(state, {}, undefined, visit.input);
    case "Fail":
      return await fail(visit, state);
  }
}

async function choose(visit: Visit, state: ChoicePlan): Promise<Step> {
  const env = visit.env();
  for (const rule of state.choices) {
    const isMet = await visit.value(rule.condition, env);
    if (typeof isMet !== "boolean") {
      throw new QueryError(rule.condition.field, `it must be true or false, got ${shown(isMet)}`);
    }
    if (isMet) return await visit.leave(rule, {}, rule.next, visit.input);
  }
  if (state.default === undefined) {
    throw new StatesError("States.NoChoiceMatched", `No rule of ${state.name} is met, and it has no Default`);
  }
  return await visit.leave(state, {}, state.default, visit.input);
}

async function wait(visit: Visit, state: WaitPlan): Promise<void> {
  const env = visit.env();
  const seconds = await visit.number(state.seconds, env, SECONDS);
  if (seconds !== undefined) await visit.run.pause(visit, seconds * 1_000);
  const timestamp = await visit.text(state.timestamp, env);
  if (timestamp === undefined) return;
  const at = TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new QueryError("Timestamp", `it must be a time such as 2026-01-31T12:00:00Z, got ${shown(timestamp)}`);
  }
  await visit.run.pause(visit, at - visit.run.clock.now());
}

async function fail(visit: Visit, state: FailPlan): Promise<never> {
  const env = visit.env();
  const error = (await visit.text(state.error, env)) ?? "";
  throw new StatesError(error, (await visit.text(state.cause, env)) ?? "");
}
