import type { Template } from "./template.ts";

/** A definition as it runs: fields checked, expressions parsed. */
export interface MachinePlan {
  readonly scope: ScopePlan;
  readonly timeoutSeconds: number | undefined;
  /** History events that an execution may have. */
  readonly maxEvents: number;
}

/** States that lead to one another: those of the machine, of a branch or of a Map's processor. */
export interface ScopePlan {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, StatePlan>;
}

interface Base {
  readonly name: string;
  /** Whether an expression may read `$states.context`: it is made only then. */
  readonly needsContext: boolean;
  readonly assign: AssignPlan | undefined;
  readonly output: Template | undefined;
}

/** Where a state leads; undefined: the scope ends. */
interface Leading extends Base {
  readonly next: string | undefined;
}

export type AssignPlan = Template;

export interface RetrierPlan {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

export interface CatcherPlan {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly assign: AssignPlan | undefined;
  readonly output: Template | undefined;
}

interface Failing extends Leading {
  readonly retry: readonly RetrierPlan[];
  readonly catch: readonly CatcherPlan[];
}

export interface TaskPlan extends Failing {
  readonly type: "Task";
  readonly resource: string;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
}

export interface ParallelPlan extends Failing {
  readonly type: "Parallel";
  readonly arguments: Template | undefined;
  readonly branches: readonly ScopePlan[];
}

export interface BatcherPlan {
  readonly maxItems: Template | undefined;
  readonly maxBytes: Template | undefined;
  readonly batchInput: Template | undefined;
}

/** Reads items from S3. */
export interface ReaderPlan {
  readonly operation: "getObject" | "listObjectsV2";
  readonly arguments: Template;
  /** Of an object's content; undefined: an object for each item. */
  readonly inputType: "JSON" | "JSONL" | "CSV" | undefined;
  readonly delimiter: string;
  /** Undefined: they are in the first row. */
  readonly headers: readonly string[] | undefined;
  readonly maxItems: Template | undefined;
}

/** Writes results to S3, or shapes them. */
export interface WriterPlan {
  /** Bucket and Prefix; undefined: the results are the state's. */
  readonly arguments: Template | undefined;
  readonly transformation: "NONE" | "COMPACT" | "FLATTEN";
  readonly outputType: "JSON" | "JSONL";
}

/** What a Map has whose iterations are executions of their own. */
export interface DistributionPlan {
  readonly label: string;
  readonly executionType: "STANDARD" | "EXPRESS";
  readonly reader: ReaderPlan | undefined;
  readonly batcher: BatcherPlan | undefined;
  readonly writer: WriterPlan | undefined;
  readonly toleratedCount: Template | undefined;
  readonly toleratedPercentage: Template | undefined;
}

export interface MapPlan extends Failing {
  readonly type: "Map";
  readonly processor: ScopePlan;
  readonly items: Template | undefined;
  readonly itemSelector: Template | undefined;
  readonly maxConcurrency: Template | undefined;
  /** Undefined: the iterations are a part of the execution. */
  readonly distribution: DistributionPlan | undefined;
}

export interface ChoiceRulePlan {
  readonly condition: Template;
  readonly next: string;
  readonly assign: AssignPlan | undefined;
  readonly output: Template | undefined;
}

export interface ChoicePlan extends Base {
  readonly type: "Choice";
  readonly choices: readonly ChoiceRulePlan[];
  readonly default: string | undefined;
}

export interface WaitPlan extends Leading {
  readonly type: "Wait";
  readonly seconds: Template | undefined;
  readonly timestamp: Template | undefined;
}

export interface PassPlan extends Leading {
  readonly type: "Pass";
}

export interface SucceedPlan extends Base {
  readonly type: "Succeed";
}

export interface FailPlan extends Base {
  readonly type: "Fail";
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
}

/** States with Retry and Catch. */
export type FailingPlan = TaskPlan | ParallelPlan | MapPlan;

export type StatePlan = FailingPlan | ChoicePlan | WaitPlan | PassPlan | SucceedPlan | FailPlan;

/** The states that a state may lead to. */
export function targets(state: StatePlan): readonly string[] {
  switch (state.type) {
    case "Choice":
      return [...state.choices.map((rule) => rule.next), ...(state.default === undefined ? [] : [state.default])];
    case "Succeed":
    case "Fail":
      return [];
    case "Wait":
    case "Pass":
      return state.next === undefined ? [] : [state.next];
    default:
      return [...state.catch.map((catcher) => catcher.next), ...(state.next === undefined ? [] : [state.next])];
  }
}
