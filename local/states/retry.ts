import { matchesError } from "./errors.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { FailingPlan, RetrierPlan } from "./plan.ts";
import type { Step, Visit } from "./visit.ts";

/** Attempts a state until it succeeds, its retriers are exhausted, or a catcher takes over. */
export async function withRetries<State extends FailingPlan>(
  visit: Visit<State>,
  attempt: (visit: Visit<State>) => Promise<unknown>,
): Promise<Step> {
  const { state, run, thread } = visit;
  const attempts = new Map<RetrierPlan, number>();
  for (;;) {
    try {
      const result = await attempt(visit);
      checkPayload(result, `result of the state ${state.name}`);
      return await visit.leave(state, { result }, state.next, result);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      visit.recordEvaluation(error);
      const delay = nextDelay(state.retry, attempts, error, run.random);
      if (delay === undefined) {
        if (state.type !== "Task") run.record(thread, `${state.type}StateFailed`, {});
        return await caught(visit, error);
      }
      await run.pause(thread, delay * 1_000);
      visit.retryCount++;
      run.countRetry();
    }
  }
}

/** Seconds until the next attempt; undefined where there is none. */
function nextDelay(
  retriers: readonly RetrierPlan[],
  attempts: Map<RetrierPlan, number>,
  error: StatesError,
  random: () => number,
): number | undefined {
  const retrier = retriers.find(({ errorEquals }) => matchesError(errorEquals, error));
  if (retrier === undefined) return undefined;
  const made = attempts.get(retrier) ?? 0;
  if (made >= retrier.maxAttempts) return undefined;
  attempts.set(retrier, made + 1);
  const delay = Math.min(retrier.intervalSeconds * retrier.backoffRate ** made, retrier.maxDelaySeconds);
  return retrier.fullJitter ? random() * delay : delay;
}

async function caught(visit: Visit<FailingPlan>, error: StatesError): Promise<Step> {
  const catcher = visit.state.catch.find(({ errorEquals }) => matchesError(errorEquals, error));
  if (catcher === undefined) throw error;
  const errorOutput = { Error: error.name, Cause: error.cause };
  return await visit.leave(catcher, { errorOutput }, catcher.next, errorOutput);
}
