import { QueryError, isSiblingFailed } from "./errors.ts";
import { isObject } from "./jsonata/values.ts";
import { MAX_DISTRIBUTED_CONCURRENCY, MAX_INLINE_CONCURRENCY } from "./limits.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { MapPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { runDistributedMap } from "./run-distributed-map.ts";
import type { Branch, Run } from "./run.ts";
import { branchError, together } from "./run-parallel.ts";
import type { Thread } from "./thread.ts";
import type { Visit } from "./visit.ts";

/** A Map's iterations, so many at once as it allows. */
export async function runMap(visit: Visit<MapPlan>): Promise<unknown> {
  const { state, run, thread } = visit;
  if (state.distribution !== undefined) return await runDistributedMap(visit, state.distribution);
  const items = await itemsOf(visit);
  const inputs = await select(visit, items);
  for (const input of inputs) checkPayload(input, `input of an iteration of the state ${state.name}`);
  run.record(thread, "MapStateStarted", { length: inputs.length });
  const iterations = inputs.map((input, index) => iterationOf(visit, index, input, items[index]));
  try {
    const atOnce = Math.min(await concurrency(visit, MAX_INLINE_CONCURRENCY), inputs.length);
    const outputs = await (run.fork?.(visit, iterations, atOnce) ?? inTurns(visit, iterations, atOnce));
    run.recordAside(thread, "MapStateSucceeded", {});
    return outputs;
  } catch (error) {
    throw branchError(error);
  }
}

export async function itemsOf(visit: Visit<MapPlan>): Promise<readonly unknown[]> {
  const { state } = visit;
  const items = await visit.optional(state.items, visit.env(), visit.input);
  if (Array.isArray(items)) return items as readonly unknown[];
  if (isObject(items)) return Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
  throw new QueryError("Items", `it must be an array or an object, got ${shown(items)}`);
}

export async function select(visit: Visit<MapPlan>, items: readonly unknown[]): Promise<readonly unknown[]> {
  const { itemSelector } = visit.state;
  if (itemSelector === undefined) return items;
  const selected: unknown[] = [];
  for (const [Index, Value] of items.entries()) {
    selected.push(await visit.value(itemSelector, visit.env({ map: { Item: { Index, Value } } })));
  }
  return selected;
}

/** How many iterations may run at once, up to what there can be. */
export async function concurrency(visit: Visit<MapPlan>, most: number): Promise<number> {
  const bounds = { min: 0, max: MAX_DISTRIBUTED_CONCURRENCY };
  const asked = (await visit.number(visit.state.maxConcurrency, visit.env(), bounds)) ?? 0;
  return asked === 0 ? most : Math.min(asked, most);
}

interface Iteration extends Branch {
  readonly iteration: Readonly<Record<string, unknown>>;
}

/** The context calls the item by what it was before ItemSelector. */
const iterationOf = ({ state, context }: Visit<MapPlan>, Index: number, input: unknown, Value: unknown): Iteration => ({
  scope: state.processor,
  input,
  context: { ...context, Map: { Item: { Index, Value } } },
  iteration: { name: state.name, index: Index },
});

/** Each of so many workers takes the next iteration when it has done one. */
async function inTurns(
  { run, thread }: Visit<MapPlan>,
  iterations: readonly Iteration[],
  atOnce: number,
): Promise<readonly unknown[]> {
  const outputs = new Array<unknown>(iterations.length);
  const waiting = iterations.entries();
  const workers = Array.from({ length: atOnce }, () => thread.branch());
  await together(
    run,
    thread,
    workers,
    workers.map((worker) => async () => {
      for (const [index, { scope, input, context, iteration }] of waiting) {
        const own = worker.branch();
        own.previousEventId = thread.previousEventId;
        try {
          outputs[index] = await withinIteration(run, own, iteration, () => run.states(scope, input, own, context));
        } finally {
          worker.previousEventId = own.previousEventId;
          own.end();
        }
      }
    }),
  );
  return outputs;
}

/** Writes what the history tells of an iteration around its states. */
export async function withinIteration<T>(
  run: Run,
  thread: Thread,
  details: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    run.record(thread, "MapIterationStarted", details);
    const output = await work();
    run.record(thread, "MapIterationSucceeded", details);
    return output;
  } catch (error) {
    // What the history goes on from is the event that ended the iteration early.
    if (error instanceof StatesError) run.recordAside(thread, "MapIterationFailed", details);
    if (isSiblingFailed(error)) run.recordAside(thread, "MapIterationAborted", details);
    throw error;
  }
}
