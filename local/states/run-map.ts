import { QueryError, isSiblingFailed } from "./errors.ts";
import { isObject } from "./jsonata/values.ts";
import { MAX_DISTRIBUTED_CONCURRENCY, MAX_INLINE_CONCURRENCY } from "./limits.ts";
import { StatesError } from "./machine.ts";
import { batches } from "./map-batches.ts";
import { checkPayload } from "./payload.ts";
import type { MapPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { branchError, together } from "./run-parallel.ts";
import type { Visit } from "./visit.ts";

/** A Map's iterations, so many at once as it allows. */
export async function runMap(visit: Visit<MapPlan>): Promise<unknown> {
  const { state, run, thread } = visit;
  const items = await itemsOf(visit);
  const inputs = await batches(visit, await select(visit, items));
  for (const input of inputs) checkPayload(input, `input of an iteration of the state ${state.name}`);
  run.record(thread, "MapStateStarted", { length: inputs.length });
  if (state.isDistributed) run.record(thread, "MapRunStarted", {});
  const isBatched = state.batcher !== undefined;
  const iterations = new Iterations(visit, inputs, isBatched ? inputs : items, await tolerance(visit, inputs.length));
  const atOnce = await concurrency(visit, inputs.length);
  try {
    await iterations.run(atOnce);
    if (state.isDistributed) run.record(thread, "MapRunSucceeded", {});
    run.recordAside(thread, "MapStateSucceeded", {});
    return iterations.results();
  } catch (error) {
    if (!(error instanceof StatesError) || !state.isDistributed) throw branchError(error);
    run.record(thread, "MapRunFailed", { error: error.name, cause: error.cause });
    throw error;
  }
}

async function itemsOf(visit: Visit<MapPlan>): Promise<readonly unknown[]> {
  const { state } = visit;
  const items = await visit.optional(state.items, visit.env(), visit.input);
  if (Array.isArray(items)) return items as readonly unknown[];
  if (isObject(items)) return Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
  throw new QueryError("Items", `it must be an array or an object, got ${shown(items)}`);
}

async function select(visit: Visit<MapPlan>, items: readonly unknown[]): Promise<readonly unknown[]> {
  const { itemSelector } = visit.state;
  if (itemSelector === undefined) return items;
  const selected: unknown[] = [];
  for (const [Index, Value] of items.entries()) {
    selected.push(await visit.value(itemSelector, visit.env({ map: { Item: { Index, Value } } })));
  }
  return selected;
}

async function concurrency(visit: Visit<MapPlan>, length: number): Promise<number> {
  const { state } = visit;
  const bounds = { min: 0, max: MAX_DISTRIBUTED_CONCURRENCY };
  const asked = (await visit.number(state.maxConcurrency, visit.env(), bounds)) ?? 0;
  const most = state.isDistributed ? MAX_DISTRIBUTED_CONCURRENCY : MAX_INLINE_CONCURRENCY;
  return Math.min(asked === 0 ? most : asked, most, length);
}

/** How many iterations may fail. */
async function tolerance(visit: Visit<MapPlan>, length: number): Promise<number> {
  const { state } = visit;
  const env = visit.env();
  const count = await visit.number(state.toleratedCount, env, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const percentage = await visit.number(state.toleratedPercentage, env, { min: 0, max: 100, fractions: true });
  if (count === undefined && percentage === undefined) return 0;
  return Math.min(count ?? Infinity, percentage === undefined ? Infinity : (percentage / 100) * length);
}

class Iterations {
  readonly #visit: Visit<MapPlan>;
  readonly #inputs: readonly unknown[];
  /** What the context calls the iterations' items. */
  readonly #items: readonly unknown[];
  readonly #tolerated: number;
  readonly #outputs: { readonly value: unknown }[] = [];
  #next = 0;
  #failures = 0;

  constructor(visit: Visit<MapPlan>, inputs: readonly unknown[], items: readonly unknown[], tolerated: number) {
    this.#visit = visit;
    this.#inputs = inputs;
    this.#items = items;
    this.#tolerated = tolerated;
  }

  async run(atOnce: number): Promise<void> {
    const { run, thread } = this.#visit;
    const workers = Array.from({ length: atOnce }, () =>
      thread.branch({ asChildExecution: this.#visit.state.isDistributed }),
    );
    await together(
      run,
      thread,
      workers,
      workers.map((worker) => async () => {
        while (this.#next < this.#inputs.length) await this.#iterate(this.#next++, worker);
      }),
    );
  }

  /** Outputs in the order of the items; those of failures that were tolerated are left out. */
  results(): readonly unknown[] {
    return this.#inputs.flatMap((_, index) => {
      const output = this.#outputs[index];
      return output === undefined ? [] : [output.value];
    });
  }

  async #iterate(index: number, worker: Visit["thread"]): Promise<void> {
    const { run, state, thread, context } = this.#visit;
    const details = { name: state.name, index };
    const iteration = worker.branch({ asChildExecution: state.isDistributed });
    iteration.previousEventId = thread.previousEventId;
    const Map = { Item: { Index: index, Value: this.#items[index] } };
    try {
      // An iteration that is a child execution has no events in its parent's history.
      if (!state.isDistributed) run.record(iteration, "MapIterationStarted", details);
      const value = await run.states(state.processor, this.#inputs[index], iteration, { ...context, Map });
      this.#outputs[index] = { value };
      if (!state.isDistributed) run.record(iteration, "MapIterationSucceeded", details);
    } catch (error) {
      if (state.isDistributed && error instanceof StatesError) this.#tolerate(error);
      else throw this.#recorded(error, iteration, details);
    } finally {
      worker.previousEventId = iteration.previousEventId;
      iteration.end();
    }
  }

  /** Tells of an iteration that ended early. What the history goes on from is the event that ended it. */
  #recorded(error: unknown, iteration: Visit["thread"], details: Readonly<Record<string, unknown>>): unknown {
    const { run } = this.#visit;
    if (error instanceof StatesError) run.recordAside(iteration, "MapIterationFailed", details);
    if (isSiblingFailed(error)) run.recordAside(iteration, "MapIterationAborted", details);
    return error;
  }

  #tolerate(error: StatesError): void {
    this.#failures++;
    if (this.#failures <= this.#tolerated) return;
    throw new StatesError(
      "States.ExceedToleratedFailureThreshold",
      `${this.#failures} of ${this.#inputs.length} iterations failed, more than is tolerated; the last: ${error.message}`,
    );
  }
}
