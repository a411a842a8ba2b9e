import { BranchError, Interruption } from "./errors.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { ParallelPlan } from "./plan.ts";
import type { Branch, Run } from "./run.ts";
import type { Thread } from "./thread.ts";
import type { Visit } from "./visit.ts";

/** All branches at once; the first error stops the others and is the state's. */
export async function runParallel(visit: Visit<ParallelPlan>): Promise<unknown> {
  const { state, run, thread } = visit;
  const input = await visit.optional(state.arguments, visit.env(), visit.input);
  checkPayload(input, `arguments of the state ${state.name}`);
  run.record(thread, "ParallelStateStarted", {});
  const branches = state.branches.map((scope) => ({ scope, input, context: visit.context }));
  try {
    const results = await (run.fork?.(visit, branches, branches.length) ?? sideBySide(visit, branches));
    run.recordAside(thread, "ParallelStateSucceeded", {});
    return results;
  } catch (error) {
    throw branchError(error);
  }
}

function sideBySide({ run, thread }: Visit, branches: readonly Branch[]): Promise<readonly unknown[]> {
  const threads = branches.map(() => thread.branch());
  return together(
    run,
    thread,
    threads,
    branches.map(
      ({ scope, input, context }, index) =>
        () =>
          run.states(scope, input, threads[index] ?? thread, context),
    ),
  );
}

/**
 * Runs pieces of work, each in a thread of the clock. The first error interrupts the others' threads. The history goes
 * on from the event of the last one, or of the one that failed.
 */
export async function together<T>(
  run: Run,
  parent: Thread,
  threads: readonly Thread[],
  works: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  let first: { readonly error: unknown } | undefined;
  const started = works.map((work, index) =>
    run.clock.spawn(async () => {
      try {
        const result = await work();
        if (first === undefined) parent.previousEventId = threads[index]?.previousEventId ?? parent.previousEventId;
        return result;
      } catch (error) {
        if (first === undefined) {
          first = { error };
          parent.previousEventId = threads[index]?.previousEventId ?? parent.previousEventId;
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

/** An error as it leaves a branch. */
export function branchError(error: unknown): unknown {
  return error instanceof StatesError ? new BranchError(error.name, error.cause) : error;
}
