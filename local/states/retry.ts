import { matchesError } from "./errors.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { FailingPlan } from "./plan.ts";
import type { Step, Visit } from "./visit.ts";

/** A retry that is due. */
export interface NextTry {
  /** Until then; at the most, where it is jittered. */
  readonly seconds: number;
  readonly isJittered: boolean;
  /** What the try before it failed with. */
  readonly error: string;
}

/** Attempts a state until it succeeds, its retriers are exhausted, or a catcher takes over. */
export async function withRetries<State extends FailingPlan>(
  visit: Visit<State>,
  attempt: (visit: Visit<State>) => Promise<unknown>,
): Promise<Step> {
  const { state, run, thread } = visit;
  for (;;) {
    if (visit.nextTry !== undefined) {
      await run.pauseBeforeRetry(visit, visit.nextTry);
      visit.nextTry = undefined;
      visit.retryCount++;
      run.countRetry();
    }
    try {
      const result = await attempt(visit);
      checkPayload(result, `result of the state ${state.name}`);
      return await visit.leave(state, { result }, state.next, result);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      visit.recordEvaluation(error);
      visit.nextTry = nextTry(visit, error);
      if (visit.nextTry === undefined) {
        if (state.type !== "Task") run.record(thread, `${state.type}StateFailed`, {});
        return await caught(visit, error);
      }
    }
  }
}

function nextTry({ state, attempts }: Visit<FailingPlan>, error: StatesError): NextTry | undefined {
  const retrier = state.retry.find(({ errorEquals }) => matchesError(errorEquals, error));
  if (retrier === undefined) return undefined;
  const made = attempts.get(retrier) ?? 0;
  if (made >= retrier.maxAttempts) return undefined;
  attempts.set(retrier, made + 1);
  const seconds = Math.min(retrier.intervalSeconds * retrier.backoffRate ** made, retrier.maxDelaySeconds);
  return { seconds, isJittered: retrier.fullJitter, error: error.name };
}

async function caught(visit: Visit<FailingPlan>, error: StatesError): Promise<Step> {
  const catcher = visit.state.catch.find(({ errorEquals }) => matchesError(errorEquals, error));
  if (catcher === undefined) throw error;
  const errorOutput = { Error: error.name, Cause: error.cause };
  return await visit.leave(catcher, { errorOutput }, catcher.next, errorOutput);
}
