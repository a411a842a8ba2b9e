import type { OutcomeId } from "./flow.ts";
import type { CapacityFunction } from "./program.ts";
import type { Service } from "./requests.ts";

/** What a Task's call is, and all that it may give. */
export type CallPlan = StartPlan | LookPlan | StopPlan | RunPlan | ListPlan | ExecutionPlan | AnswerPlan;

interface OfJob {
  readonly job: number;
}

export interface StartPlan extends OfJob, Refusals {
  readonly kind: "start";
  readonly started: OutcomeId;
}

/** GetJobRun; by the state's number. */
export interface LookPlan extends OfJob {
  readonly kind: "look";
  readonly states: readonly OutcomeId[];
  readonly throttled: OutcomeId;
}

export interface StopPlan extends OfJob {
  readonly kind: "stop";
  readonly stopped: OutcomeId;
}

/** A run whose end the Task waits for. */
export interface RunPlan extends OfJob, Refusals {
  readonly kind: "run";
  /** How the end is noticed. */
  readonly by: "looks" | "event";
  readonly ends: readonly OutcomeId[];
  /** A function lives no longer: it stops the run. Milliseconds; Infinity for Step Functions itself. */
  readonly givesUpAfter: number;
  readonly gaveUp: OutcomeId;
  readonly timedOut: OutcomeId;
  readonly silent: OutcomeId;
  /** Called for the start and at the end, where functions are. */
  readonly functions: readonly CapacityFunction[];
}

/** GetJobRuns of an execution and attempt. */
export interface ListPlan extends OfJob {
  readonly kind: "list";
  readonly states: readonly OutcomeId[];
  readonly nothing: OutcomeId;
  readonly throttled: OutcomeId;
}

/** StartExecution of another machine, whose executions are counted and not simulated. */
export interface ExecutionPlan {
  readonly kind: "execution";
  /** The state machine's ARN. */
  readonly machine: string;
  readonly started: OutcomeId;
  readonly throttled: OutcomeId;
}

/** Anything else: it takes its time and succeeds. */
export interface AnswerPlan {
  readonly kind: "answer";
  readonly service: Service | undefined;
  readonly calls: CapacityFunction | undefined;
  readonly answer: OutcomeId;
  readonly throttled: OutcomeId;
}

export interface Refusals {
  readonly byJob: OutcomeId;
  readonly byAccount: OutcomeId;
  readonly throttled: OutcomeId;
}
