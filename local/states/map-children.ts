import { Interruption } from "./errors.ts";
import type { ExecutionResult } from "./machine.ts";
import { StatesError } from "./machine.ts";
import type { Batch } from "./map-batches.ts";
import type { ChildExecution, MapRun, ResultRecord } from "./map-runs.ts";
import type { MapResults } from "./map-writer.ts";
import type { MachinePlan, MapPlan } from "./plan.ts";
import { together } from "./run-parallel.ts";
import type { Visit } from "./visit.ts";

interface ChildrenOptions {
  /** What the context of an execution calls its item. */
  readonly itemOf: (index: number, batch: Batch) => unknown;
  /** Items that may fail. */
  readonly mayFail: number;
  /** Whether somebody wants to know more of the executions than their outputs. */
  readonly keepsRecords: boolean;
}

/** The executions of a Map Run. */
export class Children {
  readonly #visit: Visit<MapPlan>;
  readonly #plan: MachinePlan;
  readonly #mapRun: MapRun;
  readonly #batches: readonly Batch[];
  readonly #options: ChildrenOptions;
  readonly #succeeded: MapResults["succeeded"][number][] = [];
  readonly #failed: ResultRecord[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #next = 0;
  #failures = 0;

  constructor(
    visit: Visit<MapPlan>,
    plan: MachinePlan,
    mapRun: MapRun,
    inputs: readonly Batch[],
    options: ChildrenOptions,
  ) {
    this.#visit = visit;
    this.#plan = plan;
    this.#mapRun = mapRun;
    this.#batches = inputs;
    this.#options = options;
  }

  /** Runs them, so many at once. Throws States.ExceedToleratedFailureThreshold once all that still ran have ended. */
  async run(atOnce: number): Promise<void> {
    const { run, thread } = this.#visit;
    const { previousEventId } = thread;
    const workers = Array.from({ length: atOnce }, () => thread.branch());
    try {
      await together(
        run,
        thread,
        workers,
        workers.map((worker) => async () => {
          // Each worker's turn begins with an empty stack, however many there are.
          await Promise.resolve();
          for (let batch = this.#batches[this.#next]; batch !== undefined; batch = this.#batches[this.#next]) {
            await this.#execute(this.#next++, batch, worker);
          }
        }),
      );
    } catch (error) {
      if (error instanceof StatesError) await run.clock.wait(Promise.allSettled(this.#running));
      throw error;
    } finally {
      // They have no events in their parent's history.
      thread.previousEventId = previousEventId;
    }
  }

  /** Outputs in the order of the items; those of failures that were tolerated are left out. */
  results(): MapResults {
    return {
      succeeded: Object.values(this.#succeeded),
      failed: this.#failed,
      pending: this.#options.keepsRecords
        ? this.#batches.slice(this.#next).map(({ input }) => this.#mapRun.pending(input))
        : [],
    };
  }

  async #execute(index: number, batch: Batch, worker: Visit["thread"]): Promise<void> {
    const { run } = this.#visit;
    worker.throwIfInterrupted();
    const child = this.#mapRun.child(batch.input, batch.items);
    const running: Promise<ExecutionResult> = run.clock
      .spawn(() => this.#toEnd(child, index, batch))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    try {
      const result = await worker.waitFor<ExecutionResult>(run.clock, (resolve, reject) => {
        if (run.deadline < Infinity) {
          worker.alarm(run.clock).set(run.deadline, () => {
            reject(new Interruption("TIMED_OUT"));
          });
        }
        running.then(resolve, reject);
      });
      this.#keep(index, result, child);
      if (result.status !== "SUCCEEDED") this.#tolerate(batch.items, result);
    } catch (error) {
      if (error instanceof Interruption) child.stop();
      throw error;
    } finally {
      if (run.deadline < Infinity) worker.alarm(run.clock).clear();
    }
  }

  async #toEnd(child: ChildExecution, index: number, batch: Batch): Promise<ExecutionResult> {
    const { run } = this.#visit;
    const Map = { Item: { Index: index, Value: this.#options.itemOf(index, batch) } };
    const { input } = batch;
    const start = { input, context: { ...child.context, Map }, signal: child.signal };
    const result = await run.runChild(this.#plan, start, child.host);
    child.end(result);
    if (result.status !== "SUCCEEDED" && this.#options.keepsRecords) this.#failed.push(child.record());
    return result;
  }

  #keep(index: number, result: ExecutionResult, child: ChildExecution): void {
    if (result.status !== "SUCCEEDED") return;
    const { output } = result;
    this.#succeeded[index] = { output, record: this.#options.keepsRecords ? child.record() : {} };
  }

  #tolerate(items: number, result: ExecutionResult): void {
    this.#failures += items;
    if (this.#failures <= this.#options.mayFail) return;
    const { error = result.status, cause = "" } = result.status === "SUCCEEDED" ? {} : result;
    throw new StatesError(
      "States.ExceedToleratedFailureThreshold",
      `${this.#failures} items failed, more than is tolerated; the last: ${error}${cause === "" ? "" : `: ${cause}`}`,
    );
  }
}
