import { QueryError, isSiblingFailed } from "./errors.ts";
import { isObject } from "./jsonata/values.ts";
import { MAX_DISTRIBUTED_CONCURRENCY, MAX_INLINE_CONCURRENCY } from "./limits.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { MapPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { runDistributedMap } from "./run-distributed-map.ts";
import { branchError, together } from "./run-parallel.ts";
import type { Visit } from "./visit.ts";

/** A Map's iterations, so many at once as it allows. */
export async function runMap(visit: Visit<MapPlan>): Promise<unknown> {
  const { state, run, thread } = visit;
  if (state.distribution !== undefined) return await runDistributedMap(visit, state.distribution);
  const items = await itemsOf(visit);
  const inputs = await select(visit, items);
  for (const input of inputs) checkPayload(input, `input of an iteration of the state ${state.name}`);
  run.record(thread, "MapStateStarted", { length: inputs.length });
  const iterations = new Iterations(visit, inputs, items);
  try {
    await iterations.run(Math.min(await concurrency(visit, MAX_INLINE_CONCURRENCY), inputs.length));
    run.recordAside(thread, "MapStateSucceeded", {});
    return iterations.outputs;
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

class Iterations {
  readonly outputs: unknown[];
  readonly #visit: Visit<MapPlan>;
  readonly #inputs: readonly unknown[];
  /** What the context calls the iterations' items. */
  readonly #items: readonly unknown[];
  #next = 0;

  constructor(visit: Visit<MapPlan>, inputs: readonly unknown[], items: readonly unknown[]) {
    this.#visit = visit;
    this.#inputs = inputs;
    this.#items = items;
    this.outputs = new Array<unknown>(inputs.length);
  }

  async run(atOnce: number): Promise<void> {
    const { run, thread } = this.#visit;
    const workers = Array.from({ length: atOnce }, () => thread.branch());
    await together(
      run,
      thread,
      workers,
      workers.map((worker) => async () => {
        while (this.#next < this.#inputs.length) await this.#iterate(this.#next++, worker);
      }),
    );
  }

  async #iterate(index: number, worker: Visit["thread"]): Promise<void> {
    const { run, state, thread, context } = this.#visit;
    const details = { name: state.name, index };
    const iteration = worker.branch();
    iteration.previousEventId = thread.previousEventId;
    const Map = { Item: { Index: index, Value: this.#items[index] } };
    try {
      run.record(iteration, "MapIterationStarted", details);
      this.outputs[index] = await run.states(state.processor, this.#inputs[index], iteration, { ...context, Map });
      run.record(iteration, "MapIterationSucceeded", details);
    } catch (error) {
      // What the history goes on from is the event that ended the iteration early.
      if (error instanceof StatesError) run.recordAside(iteration, "MapIterationFailed", details);
      if (isSiblingFailed(error)) run.recordAside(iteration, "MapIterationAborted", details);
      throw error;
    } finally {
      worker.previousEventId = iteration.previousEventId;
      iteration.end();
    }
  }
}
