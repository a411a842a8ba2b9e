import type { FlowNode } from "./flow.ts";
import type { FileOutcome } from "./tally.ts";

/** A step that the flow has not worked out yet. */
export interface Miss {
  readonly thread: number;
  readonly uses: number;
  readonly next: () => Promise<FlowNode>;
}

/** What an execution is started with. */
export interface NewExecution {
  readonly firstFile: number;
  readonly files: number;
  readonly bytes: number;
  /** Place in the tally's samples, or none. */
  readonly sample: number;
}

/** Hears of an execution's end, before its thread is given to another. */
export type Ended = (execution: number, outcome: FileOutcome, now: number) => void;
