import type { ResourceGraph } from "../resource-graph.ts";
import { Arrivals } from "./arrivals.ts";
import { bottleneckOf } from "./bottleneck.ts";
import { designOf } from "./design.ts";
import { createWorld } from "./create-world.ts";
import { createDispatch, type DeclaredDispatch, readDispatch } from "./create-dispatch.ts";
import { event } from "./event-kinds.ts";
import type { Dispatch } from "./dispatch.ts";
import { inputsOf } from "./execution-inputs.ts";
import { Executions } from "./executions.ts";
import { FileRecords } from "./file-records.ts";
import { Files } from "./files.ts";
import type { Flow } from "./flow.ts";
import { createFlow } from "./flow/create-flow.ts";
import { FlowError } from "./flow/refusals.ts";
import { CapacityError, type CapacityProgram, readProgram } from "./program.ts";
import { Random, type Stream } from "./random.ts";
import type { CapacityResult } from "./result.ts";
import { toResult } from "./to-result.ts";
import type { Quotas, Workload } from "./workload.ts";
import type { AssumedTimes, CapacityWorld } from "./world.ts";

/** How far a simulation is. */
export interface CapacityProgress {
  readonly arrived: number;
  readonly ended: number;
  readonly files: number;
  /** Simulated so far. */
  readonly seconds: number;
  /** Events that have happened. */
  readonly events: number;
}

/** How many there are of what at a moment. */
export interface CapacityMoment {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly arrived: number;
  readonly ended: number;
  /** Files whose execution has not begun. */
  readonly queuedFiles: number;
  /** Files of executions that go on. */
  readonly runningFiles: number;
  readonly executions: number;
  readonly jobRuns: number;
  readonly waitingForRun: number;
  /** Calls of functions. */
  readonly lambda: number;
}

interface CapacityOptions {
  /** Hears how far it is, now and then; what it gives is awaited. */
  readonly progress?: (progress: CapacityProgress) => void | Promise<void>;
  /** Hears how things are after each event: slow, for whoever checks that nothing is lost. */
  readonly observe?: (moment: CapacityMoment) => void;
  /** @default assumedTimes */
  readonly assumed?: Partial<AssumedTimes>;
}

/** Progress is told each time so many events have happened. */
const perReport = 1 << 18;

/**
 * Runs a workload through what a program declares, event by event: its dispatch, its state machine, its jobs, and what AWS
 * allows an account. The same arguments give the same result.
 *
 * Throws CapacityError for a program that cannot be simulated, such as one that dispatches directly.
 */
export const simulateCapacity = async (
  graph: ResourceGraph,
  workload: Workload,
  quotas: Quotas,
  options: CapacityOptions = {},
): Promise<CapacityResult> => {
  try {
    return await simulate(graph, workload, quotas, options);
  } catch (error) {
    if (error instanceof FlowError) throw new CapacityError(error.message);
    throw error;
  }
};

const simulate = async (
  graph: ResourceGraph,
  workload: Workload,
  quotas: Quotas,
  options: CapacityOptions,
): Promise<CapacityResult> => {
  const program = readProgram(graph);
  const dispatch = readDispatch(graph, program);
  const { definition, type } = program.machine;
  const flow = createFlow(definition, { type, input: inputsOf(graph, dispatch, definition) });
  const simulation = new CapacitySimulation({ graph, program, dispatch, flow, workload, quotas, options });
  await simulation.toEnd();
  return simulation.toResult();
};

interface SimulationParts {
  readonly graph: ResourceGraph;
  readonly program: CapacityProgram;
  readonly dispatch: DeclaredDispatch;
  readonly flow: Flow;
  readonly workload: Workload;
  readonly quotas: Quotas;
  readonly options: CapacityOptions;
}

class CapacitySimulation {
  readonly #parts: SimulationParts;
  readonly #world: CapacityWorld;
  readonly #arrivals: Arrivals;
  readonly #dispatch: Dispatch;
  readonly #executions: Executions;
  #events = 0;
  #expressMs = 0;

  constructor(parts: SimulationParts) {
    const { workload } = parts;
    const random = (stream: Stream) => new Random(workload.seed, stream);
    this.#parts = parts;
    this.#world = createWorld({ ...parts, assumed: parts.options.assumed, random });
    this.#arrivals = new Arrivals(workload, random);
    const files = new Files();
    const records = new FileRecords(files, this.#world.tally, this.#arrivals.files);
    this.#dispatch = createDispatch(parts.dispatch, {
      world: this.#world,
      files,
      records,
      executions: () => this.#executions,
      keys: this.#arrivals.keys,
    });
    this.#executions = new Executions(this.#world, (execution, outcome, now) => {
      const ms = now - (this.#executions.threads.startedAt[execution] ?? 0);
      this.#expressMs += Math.ceil(ms / 100) * 100;
      this.#dispatch.ended(execution, outcome, now);
    });
  }

  async toEnd(): Promise<void> {
    const { heap } = this.#world;
    const { progress, observe } = this.#parts.options;
    this.#scheduleArrival();
    while (heap.pop()) {
      this.#happen(heap.kind, heap.index, heap.id, heap.at);
      if (this.#executions.misses.length > 0) await this.#workOut(heap.at);
      observe?.(this.#moment(heap.at));
      if ((++this.#events & (perReport - 1)) === 0) await progress?.(this.#progress(heap.at));
    }
    await progress?.(this.#progress(heap.at));
  }

  toResult(): CapacityResult {
    const { graph, workload, dispatch, program } = this.#parts;
    const world = this.#world;
    const design = designOf(program, dispatch, this.#executions.completion);
    const bottleneck = bottleneckOf({ world, workload, design, waits: this.#dispatch.waits, ...settingsOf(dispatch) });
    const isOrdered = dispatch.kind === "queued" && dispatch.settings.order === "per-key";
    return toResult({ isOrdered, graph, workload, world, expressMs: this.#expressMs, bottleneck });
  }

  #happen(kind: number, index: number, id: number, now: number): void {
    switch (kind) {
      case event.arrival:
        this.#dispatch.arrive(this.#arrivals, now);
        this.#scheduleArrival();
        return;
      case event.wake:
        this.#executions.wake(index, id, now);
        return;
      case event.runEnds:
        this.#executions.runEnded(index, id, now);
        return;
      case event.functionDone:
        this.#executions.functionDone(index, now);
        return;
      default:
        this.#dispatch.happen(kind, index, now);
    }
  }

  #scheduleArrival(): void {
    if (this.#arrivals.next()) this.#world.heap.push(this.#arrivals.at, event.arrival, 0);
  }

  /** Steps that no execution has come to before. */
  async #workOut(now: number): Promise<void> {
    const { misses, threads } = this.#executions;
    for (let miss = misses.shift(); miss !== undefined; miss = misses.shift()) {
      const node = await miss.next();
      if (threads.uses[miss.thread] === miss.uses) this.#executions.follow(miss.thread, node, now);
    }
  }

  #moment(at: number): CapacityMoment {
    const { arrived, ended, course, lambda } = this.#world.tally;
    const { files } = this.#executions;
    const [queuedFiles, executions] = [course.level("queuedFiles"), course.level("executions")];
    const [jobRuns, waitingForRun] = [course.level("jobRuns"), course.level("waitingForRun")];
    return { at, arrived, ended, queuedFiles, runningFiles: files, executions, jobRuns, waitingForRun, lambda };
  }

  #progress(now: number): CapacityProgress {
    const { arrived, ended } = this.#world.tally;
    return { arrived, ended, files: this.#arrivals.files, seconds: now / 1000, events: this.#events };
  }
}

const settingsOf = (dispatch: DeclaredDispatch) =>
  dispatch.kind === "plain"
    ? { maxConcurrentExecutions: 0, batchWindowSeconds: 0 }
    : {
        maxConcurrentExecutions: dispatch.settings.maxConcurrentExecutions,
        batchWindowSeconds: dispatch.reading.windowSeconds,
      };
