import type { DeclaredDispatch } from "./create-dispatch.ts";
import type { CapacityProgram } from "./program.ts";

/** Who sees that a run has ended. */
export type Completion = "poll" | "sync" | "event";

/** What a program says that advice depends on: nobody is to be told to set what is set already, or cannot be. */
export interface Design {
  readonly mode: "per-file" | "batch";
  /** Files come through a queue. */
  readonly isQueued: boolean;
  /** Its state machine has stages, each with a job of its own: those have no batches. */
  readonly isStaged: boolean;
  readonly isExpress: boolean;
  readonly completion: Completion;
}

export const designOf = ({ machine }: CapacityProgram, dispatch: DeclaredDispatch, completion: Completion): Design => ({
  mode: dispatch.kind === "queued" ? dispatch.settings.mode : "per-file",
  isQueued: dispatch.kind === "queued",
  // The dispatcher of one job names it.
  isStaged: dispatch.dispatcher.environment.JOB_NAME === undefined,
  isExpress: machine.type === "EXPRESS",
  completion,
});
