import type { Clock } from "../clock.ts";
import type { HistoryEvent } from "./history.ts";
import type { MapRuns } from "./map-runs.ts";
import type { TaskTokens } from "./task-tokens.ts";

/** A Task state's call, as it leaves the interpreter. */
export interface TaskRequest {
  /** The state's Resource: a function's ARN or an integration such as `arn:aws:states:::sqs:sendMessage`. */
  readonly resource: string;
  /** Evaluated Arguments (the state's input where it has none). */
  readonly arguments: unknown;
  readonly stateName: string;
  /** Tells that the task is alive: HeartbeatSeconds starts anew. */
  readonly heartbeat: () => void;
  /** Whether nobody waits for the answer any more: the task timed out, or its execution ended. */
  readonly isAbandoned: () => boolean;
  /** Whether that is because the execution was stopped or timed out. */
  readonly isInterrupted: () => boolean;
}

/** What a machine needs from the world around it. */
export interface MachineHost {
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter, $random, $uuid. */
  readonly random: () => number;
  /** Does a task's call. Throws StatesError with the error name that Step Functions would report. */
  readonly task: (request: TaskRequest) => Promise<unknown>;
  readonly observe: (event: HistoryEvent) => void;
  /** For tasks that wait for their token. @default the answer of their call is their result */
  readonly tokens?: TaskTokens;
  /** For distributed Maps. @default their executions leave no trace, and nothing is read or written */
  readonly mapRuns?: MapRuns;
}

/** What an execution is started with. */
export interface ExecutionStart {
  readonly input: unknown;
  /** The context object, `$states.context`, less State and Task, which the interpreter keeps. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Aborting it ends the execution ABORTED. */
  readonly signal?: AbortSignal;
}

export type ExecutionResult = { readonly transitions: number; readonly events: number } & (
  | { readonly status: "SUCCEEDED"; readonly output: unknown }
  | { readonly status: "FAILED" | "TIMED_OUT" | "ABORTED"; readonly error?: string; readonly cause?: string }
);

/** A definition that has been read and checked. */
export interface Machine {
  run(start: ExecutionStart, host: MachineHost): Promise<ExecutionResult>;
}

/** An error by the name that Retry and Catch see. */
export class StatesError extends Error {
  constructor(
    override readonly name: string,
    override readonly cause: string,
  ) {
    super(cause === "" ? name : `${name}: ${cause}`);
  }
}
