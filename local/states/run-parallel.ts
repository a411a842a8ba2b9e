import { BranchError, Interruption } from "./errors.ts";
import { StatesError } from "./machine.ts";
import type { ParallelPlan } from "./plan.ts";
import type { Run } from "./run.ts";
import type { Thread } from "./thread.ts";
import type { Visit } from "./visit.ts";

/** All branches at once; the first error stops the others and is the state's. */
export async function runParallel(visit: Visit<ParallelPlan>): Promise<unknown> {
  const { state, run, thread } = visit;
  const input = await visit.optional(state.arguments, visit.env(), visit.input);
  run.record(thread, "ParallelStateStarted", {});
  const branches = state.branches.map(() => thread.branch());
  try {
    const results = await together(
      run,
      branches,
      state.branches.map((scope, index) => () => run.states(scope, input, branches[index] ?? thread, visit.context)),
    );
    run.record(thread, "ParallelStateSucceeded", {});
    return results;
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    run.record(thread, "ParallelStateFailed", { error: error.name, cause: error.cause });
    throw branchError(error);
  }
}

/** Runs pieces of work, each in a thread of the clock. The first error interrupts the others' threads. */
export async function together<T>(
  run: Run,
  threads: readonly Thread[],
  works: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  let first: { readonly error: unknown } | undefined;
  const started = works.map((work) =>
    run.clock.spawn(async () => {
      try {
        return await work();
      } catch (error) {
        if (first === undefined) {
          first = { error };
          for (const thread of threads) thread.interrupt(new Interruption("SIBLING_FAILED"));
        }
        throw error;
      }
    }),
  );
  const settled = await run.clock.wait(Promise.allSettled(started));
  for (const thread of threads) thread.end();
  if (first !== undefined) throw first.error;
  return settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

/** An error as it leaves a branch: what was fatal stays so. */
export function branchError(error: StatesError): StatesError {
  return error.constructor === StatesError ? new BranchError(error.name, error.cause) : error;
}
