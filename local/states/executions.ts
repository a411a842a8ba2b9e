import type { DescribeExecutionCommandOutput, ExecutionListItem, ExecutionStatus } from "@aws-sdk/client-sfn";
import type { HistoryEvent } from "./history.ts";
import type { LoadedMachine } from "./loaded-machine.ts";
import type { ExecutionResult } from "./machine.ts";
import type { MapRunRecord } from "./map-run-records.ts";

/** An execution that runs, or that has ended and is still kept. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: LoadedMachine;
  /** JSON text, as it was given. */
  readonly input: string;
  readonly startedAt: number;
  readonly events: HistoryEvent[];
  readonly stop: AbortController;
  /** Of an execution that a distributed Map has started. */
  readonly mapRun?: MapRunRecord;
  stoppedAt: number | undefined;
  result: ExecutionResult | undefined;
}

/** One that begins. */
export const newExecution = (of: Omit<Execution, "events" | "stop" | "stoppedAt" | "result">): Execution => ({
  ...of,
  events: [],
  stop: new AbortController(),
  stoppedAt: undefined,
  result: undefined,
});

/** A name is free again so long after its execution ended. */
const NAME_FREE_AFTER_MS = 90 * 24 * 3_600_000;

/** All executions by ARN. Of those that are not kept, the name and the time of their end remain. */
export class Executions {
  readonly #kept = new Map<string, Execution>();
  readonly #mapRuns = new Map<string, MapRunRecord>();
  readonly #closed = new Map<string, number>();
  readonly #closedOrder: string[] = [];
  readonly #keepClosed: number;

  /** `keepClosed`: how many that have ended are kept whole, the latest ones. */
  constructor(keepClosed: number) {
    this.#keepClosed = keepClosed;
  }

  add(execution: Execution): void {
    this.#closed.delete(execution.arn);
    this.#kept.set(execution.arn, execution);
  }

  get(arn: string): Execution | undefined {
    return this.#kept.get(arn);
  }

  /** Newest first. */
  of(machine: LoadedMachine): readonly Execution[] {
    return [...this.#kept.values()].filter((execution) => execution.machine === machine).reverse();
  }

  /** Those that a Map Run has started, newest first. */
  ofMapRun(mapRun: MapRunRecord): readonly Execution[] {
    return [...this.#kept.values()].filter((execution) => execution.mapRun === mapRun).reverse();
  }

  /** It is kept as long as the execution that it is of. */
  addMapRun(mapRun: MapRunRecord): void {
    this.#mapRuns.set(mapRun.arn, mapRun);
  }

  mapRun(arn: string): MapRunRecord | undefined {
    return this.#mapRuns.get(arn);
  }

  /** The Map Runs of an execution, in the order in which they began. */
  mapRunsOf(execution: Execution): readonly MapRunRecord[] {
    return [...this.#mapRuns.values()].filter(({ parent }) => parent === execution);
  }

  /** Whether an execution of this ARN ended so lately that its name is not free. */
  isTaken(arn: string, now: number): boolean {
    const stoppedAt = this.#closed.get(arn);
    return stoppedAt !== undefined && now - stoppedAt < NAME_FREE_AFTER_MS;
  }

  close(execution: Execution, result: ExecutionResult, now: number): void {
    execution.result = result;
    execution.stoppedAt = now;
    // The ARN of an express execution has an id of its own, and so has that of a Map's: nobody can ask for it again.
    if (execution.machine.type === "STANDARD" && execution.mapRun === undefined) this.#closed.set(execution.arn, now);
    this.#freeNames(now);
    if (this.#keepClosed === Infinity) return;
    this.#closedOrder.push(execution.arn);
    while (this.#closedOrder.length > this.#keepClosed) {
      const oldest = this.#closedOrder.shift();
      if (oldest !== undefined && this.#kept.get(oldest)?.result !== undefined) this.#drop(oldest);
    }
  }

  #drop(arn: string): void {
    this.#kept.delete(arn);
    for (const mapRun of this.#mapRuns.values()) {
      if (mapRun.parent.arn === arn) this.#mapRuns.delete(mapRun.arn);
    }
  }

  /** The map is in the order of closing, so the names that are free again come first. */
  #freeNames(now: number): void {
    for (const [arn, stoppedAt] of this.#closed) {
      if (now - stoppedAt < NAME_FREE_AFTER_MS) return;
      this.#closed.delete(arn);
    }
  }
}

export const statusOf = (execution: Execution): ExecutionStatus => execution.result?.status ?? "RUNNING";

/** How an execution ended, with what it gave. */
export function endOf(result: ExecutionResult): Ending {
  if (result.status === "SUCCEEDED") return { status: result.status, output: result.output };
  const { status, error, cause } = result;
  return { status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

interface Ending {
  readonly status: ExecutionResult["status"];
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** As ListExecutions shows it. */
export function listed(execution: Execution): ExecutionListItem {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: statusOf(execution),
    startDate: new Date(execution.startedAt),
    ...(execution.mapRun !== undefined && { mapRunArn: execution.mapRun.arn }),
    ...(execution.stoppedAt !== undefined && { stopDate: new Date(execution.stoppedAt) }),
  };
}

/** As DescribeExecution shows it. */
export function describe(execution: Execution): Omit<DescribeExecutionCommandOutput, "$metadata"> {
  const { output, ...failure } = execution.result === undefined ? {} : endOf(execution.result);
  const isDone = execution.result?.status === "SUCCEEDED";
  return {
    ...listed(execution),
    input: execution.input,
    inputDetails: { included: true },
    ...(isDone && { output: JSON.stringify(output), outputDetails: { included: true } }),
    ...failure,
    redriveCount: 0,
  };
}
