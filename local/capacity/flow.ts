/**
 * What an execution does, step by step, as far as time and money go. A flow is worked out by the interpreter of
 * `local/states` from the very definition, each step once; what was worked out is remembered, so that the next of a
 * million executions only looks it up.
 */

/** A thread of an execution between two steps. Equal states with equal variables are one node. */
export interface FlowNode {
  /** Counts from 0 in the order in which nodes were worked out. */
  readonly id: number;
  /** What the thread does now. */
  readonly effect: Effect;
  /** Transitions that are charged between the node before and this one. */
  readonly transitions: number;
  /** Events of the history, likewise. */
  readonly events: number;
}

export type Effect = CallEffect | PauseEffect | ForkEffect | EndEffect;

/** A Task's call. It leads on by `after(node, outcome)`. */
export interface CallEffect {
  readonly kind: "call";
  readonly state: string;
  readonly resource: string;
  /** Evaluated, with stand-ins for what tells one file from another. */
  readonly arguments: unknown;
  /** Infinity where there is none. */
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds: number;
}

/** Time that passes: of a Wait, or before a Retry. It leads on by `after(node, passed)`. */
export interface PauseEffect {
  readonly kind: "pause";
  readonly state: string;
  readonly why: "wait" | "retry";
  /** Seconds; at the most, where `isJittered`: then any part of it, each as likely. */
  readonly seconds: number;
  readonly isJittered: boolean;
  /** Why it is tried again. */
  readonly error?: string;
}

/** Branches of a Parallel or iterations of an inline Map. It leads on by `joined(node, ends)`. */
export interface ForkEffect {
  readonly kind: "fork";
  readonly state: string;
  readonly starts: readonly FlowNode[];
  /** How many run at once. */
  readonly atOnce: number;
}

/** The thread has come to its end: of the execution, or of its branch. */
export interface EndEffect {
  readonly kind: "end";
  readonly status: "SUCCEEDED" | "FAILED";
  /** `succeeded`, `failed` or `rejected` where the end's output or last message says so. */
  readonly outcome?: string;
  readonly error?: string;
  /** Of what could not be evaluated. */
  readonly cause?: string;
}

/** What a call gave. Two that are equal as JSON are one; tell of nothing here that differs from run to run. */
export type Outcome =
  { readonly result: unknown } | { readonly error: { readonly name: string; readonly cause: string } };

/** The number under which a flow knows an outcome. */
export type OutcomeId = number;

export interface Flow {
  /** Known outcomes get the same number each time. */
  readonly outcome: (outcome: Outcome) => OutcomeId;
  /** How an execution begins whose file has so many bytes. */
  readonly start: (bytes: number) => FlowNode | Promise<FlowNode>;
  /** The next node after a call, if that has been worked out; `afterPause` likewise. Fast: for the loop. */
  readonly after: (node: FlowNode, outcome: OutcomeId) => FlowNode | undefined;
  readonly afterPause: (node: FlowNode) => FlowNode | undefined;
  /**
   * `ends`: of all branches, in their order; where one has failed, that one, then the nodes at which those stand that it
   * interrupts, for the history to tell of them (left out, these events are not counted).
   */
  readonly joined: (node: FlowNode, ends: readonly FlowNode[]) => FlowNode | undefined;
  /** Works it out. */
  readonly workOut: (
    node: FlowNode,
    what: { readonly outcome: OutcomeId } | { readonly passed: true } | { readonly ends: readonly FlowNode[] },
  ) => Promise<FlowNode>;
}
