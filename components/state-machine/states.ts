import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../policy.ts";

/** A value of a definition: JSON whose leaves may be Outputs or JSONata expressions (see `jsonata`). */
export type Value =
  pulumi.Input<string> | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A JSONata expression, as Step Functions wants it marked. */
export const jsonata = <Expression extends string>(expression: Expression): `{% ${Expression} %}` =>
  `{% ${expression} %}`;

/** Variables to set; all are computed before any is set, and the state's own Output does not see them yet. */
export type Assign = Readonly<Record<string, Value>>;

/** When and how often a failed task is tried again. */
export interface Retrier {
  readonly errors: readonly string[];
  /** @default 1 */
  readonly intervalSeconds?: number;
  /** @default 3 */
  readonly maxAttempts?: number;
  /** @default 2 */
  readonly backoffRate?: number;
  readonly maxDelaySeconds?: number;
  /** FULL spreads tries over the whole of each interval, so that callers refused together do not come back together. */
  readonly jitter?: "FULL" | "NONE";
}

/** Where to go when a task has failed for good. `$states.errorOutput` holds its Error and Cause. */
export interface Catcher<Name extends string> {
  readonly errors: readonly string[];
  readonly next: Name;
  readonly assign?: Assign;
  readonly output?: Value;
}

interface Common {
  readonly comment?: string;
}

/** Where a state leads: to another one, or to the end. */
type Exit<Name extends string> =
  { readonly next: Name; readonly end?: never } | { readonly end: true; readonly next?: never };

interface Result {
  readonly assign?: Assign;
  /** @default what the state's work gave */
  readonly output?: Value;
}

interface Recovery<Name extends string> {
  readonly retry?: readonly Retrier[];
  readonly catch?: readonly Catcher<Name>[];
}

/** A call of an AWS service, and what the machine's role needs for it. */
export interface Integration {
  readonly resource: pulumi.Input<string>;
  readonly permissions: readonly Statement[];
}

export type TaskState<Name extends string> = Common &
  Exit<Name> &
  Result &
  Recovery<Name> & {
    readonly type: "Task";
    readonly call: Integration;
    readonly arguments?: Value;
    readonly timeoutSeconds?: number | string;
    readonly heartbeatSeconds?: number | string;
  };

export interface ChoiceRule<Name extends string> extends Result {
  /** JSONata that gives true or false. */
  readonly condition: string;
  readonly next: Name;
}

export interface ChoiceState<Name extends string> extends Common, Result {
  readonly type: "Choice";
  readonly choices: readonly ChoiceRule<Name>[];
  /** Where to go when no rule holds; without it, that is the error States.NoChoiceMatched. */
  readonly default?: Name;
}

export type WaitState<Name extends string> = Common &
  Exit<Name> &
  Result & { readonly type: "Wait" } & (
    | { readonly seconds: number | string; readonly timestamp?: never }
    | { readonly timestamp: string; readonly seconds?: never }
  );

export type PassState<Name extends string> = Common & Exit<Name> & Result & { readonly type: "Pass" };

export interface SucceedState extends Common {
  readonly type: "Succeed";
  readonly output?: Value;
}

export interface FailState extends Common {
  readonly type: "Fail";
  readonly error: Value;
  readonly cause: Value;
}

export type ParallelState<Name extends string> = Common &
  Exit<Name> &
  Result &
  Recovery<Name> & {
    readonly type: "Parallel";
    readonly branches: readonly StateGraph[];
    readonly arguments?: Value;
  };

interface MapCommon<Name extends string> extends Common, Result, Recovery<Name> {
  readonly type: "Map";
  readonly itemSelector?: Value;
  readonly processor: StateGraph;
  /** At once. */
  readonly maxConcurrency?: number;
}

/** What to go through: an array, or JSONata that gives one. */
interface Listed {
  readonly items: Value;
  readonly reader?: never;
}

/** What to go through lies in S3. */
interface Read {
  readonly items?: never;
  readonly reader: ItemReader;
}

/** All iterations are part of the execution, and of its history. */
type InlineMap = Listed & { readonly mode?: { readonly mode: "INLINE" } };

/** Each iteration is an execution of its own. */
type DistributedMap = (Listed | Read) & {
  readonly mode: { readonly mode: "DISTRIBUTED"; readonly executionType: "STANDARD" | "EXPRESS" };
  /** A part of the child executions' names: at most 40 characters, without spaces. */
  readonly label?: string;
  readonly batcher?: ItemBatcher;
  readonly writer?: ResultWriter;
  readonly toleratedFailurePercentage?: number;
  readonly toleratedFailureCount?: number;
};

export type MapState<Name extends string> = MapCommon<Name> & Exit<Name> & (InlineMap | DistributedMap);

/** The objects of a prefix, or the entries of an object. */
export interface ItemReader {
  readonly call: Integration;
  readonly arguments: Value;
  readonly inputType?: "JSON" | "JSONL" | "CSV";
}

/** Several items for one iteration, whose input is then `{Items, BatchInput}`. */
export interface ItemBatcher {
  readonly maxItemsPerBatch: number;
  readonly batchInput?: Value;
}

/** Where what came of the items goes; the state's result is then `{MapRunArn, ResultWriterDetails: {Bucket, Key}}`. */
export interface ResultWriter {
  readonly call: Integration;
  readonly arguments: Value;
}

export type State<Name extends string> =
  | TaskState<Name>
  | ChoiceState<Name>
  | WaitState<Name>
  | PassState<Name>
  | SucceedState
  | FailState
  | ParallelState<Name>
  | MapState<Name>;

/** States by name, and the one to begin with. */
export interface StateGraph {
  readonly startAt: string;
  readonly states: Readonly<Record<string, State<string>>>;
}

/** Puts states together. The compiler refuses a target that is not among them. */
export const stateGraph = <Name extends string>(graph: {
  readonly startAt: NoInfer<Name>;
  readonly states: Readonly<Record<Name, State<NoInfer<Name>>>>;
}): StateGraph => graph;
