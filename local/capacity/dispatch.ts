import { Saturation } from "./saturation.ts";
import type { FileOutcome } from "./tally.ts";

/** A file that has landed. */
export interface Landed {
  readonly bytes: number;
  /** A number from 0. */
  readonly key: number;
}

/** What makes executions of files. Times are milliseconds. */
export interface Dispatch {
  /** A file has landed. */
  readonly arrive: (landed: Landed, now: number) => void;
  /** An event of the dispatch's own. */
  readonly happen: (kind: number, index: number, now: number) => void;
  /** An execution has ended. */
  readonly ended: (execution: number, outcome: FileOutcome, now: number) => void;
  readonly waits: DispatchWaits;
}

/** What files waited for before their execution, in milliseconds of all of them together. */
export interface DispatchWaits {
  /** A place among the functions that may run at once. */
  lambda: number;
  startExecution: number;
  /** A place among the executions that the program allows at once. */
  cap: number;
  /** The end of an older version of its key. */
  order: number;
  readonly capFull: Saturation;
}

export const noWaits = (): DispatchWaits => ({
  lambda: 0,
  startExecution: 0,
  cap: 0,
  order: 0,
  capFull: new Saturation(),
});
