import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../policy.ts";
import type { Assign, Catcher, ChoiceRule, MapState, Retrier, State, StateGraph, Value } from "./states.ts";

/** The longest definition that CreateStateMachine takes, in bytes. */
const maxDefinitionBytes = 1_048_576;

export interface MachineArgs {
  readonly comment: string;
  /** Ends the whole execution as TIMED_OUT. */
  readonly timeoutSeconds?: number;
}

/** The definition in the Amazon States Language, as JSON text. */
export const renderDefinition = (graph: StateGraph, { comment, timeoutSeconds }: MachineArgs): pulumi.Output<string> =>
  pulumi
    .jsonStringify(
      { Comment: comment, QueryLanguage: "JSONata", TimeoutSeconds: timeoutSeconds, ...renderGraph(graph) },
      undefined,
      2,
    )
    .apply((definition) => {
      const bytes = Buffer.byteLength(definition);
      if (bytes > maxDefinitionBytes) {
        throw new Error(
          `The state machine's definition has ${bytes} bytes; at most ${maxDefinitionBytes} are allowed.`,
        );
      }
      return definition;
    });

/**
 * What the machine's role needs: the permissions of all its tasks, those of branches and maps included. Statements of one
 * sid that allow the same become one, on all their resources; others get a sid of their own.
 */
export const permissionsOf = (graph: StateGraph): readonly Statement[] => {
  const merged: Statement[] = [];
  for (const statement of allPermissions(graph)) {
    const alike = merged.findIndex((other) => other.sid === statement.sid && allowsTheSame(other, statement));
    const other = merged[alike];
    if (other === undefined) merged.push(statement);
    else merged[alike] = { ...other, resources: [...new Set([...other.resources, ...statement.resources])] };
  }
  const sids = new Map<string, number>();
  return merged.map((statement) => {
    const before = sids.get(statement.sid) ?? 0;
    sids.set(statement.sid, before + 1);
    return before === 0 ? statement : { ...statement, sid: `${statement.sid}${before + 1}` };
  });
};

const allowsTheSame = (one: Statement, other: Statement): boolean =>
  one.conditions === other.conditions && JSON.stringify(one.actions) === JSON.stringify(other.actions);

/** Whether some of it runs as executions of their own, which the machine's role must be able to start. */
export const hasDistributedMap = (graph: StateGraph): boolean =>
  Object.values(graph.states).some((state) => {
    if (state.type === "Parallel") return state.branches.some(hasDistributedMap);
    return state.type === "Map" && (isDistributed(state) || hasDistributedMap(state.processor));
  });

const allPermissions = (graph: StateGraph): readonly Statement[] =>
  Object.values(graph.states).flatMap((state): readonly Statement[] => {
    switch (state.type) {
      case "Task":
        return state.call.permissions;
      case "Parallel":
        return state.branches.flatMap(allPermissions);
      case "Map":
        return [
          ...(state.reader?.call.permissions ?? []),
          ...allPermissions(state.processor),
          ...(isDistributed(state) ? (state.writer?.call.permissions ?? []) : []),
        ];
      default:
        return [];
    }
  });

type Rendered = Record<string, unknown>;

const renderGraph = (graph: StateGraph): Rendered => ({
  StartAt: graph.startAt,
  States: Object.fromEntries(Object.entries(graph.states).map(([name, state]) => [name, renderState(state)])),
});

/** Keys without a value are left out by JSON. */
const renderState = (state: State<string>): Rendered => ({
  Type: state.type,
  Comment: state.comment,
  ...renderBody(state),
});

const renderBody = (state: State<string>): Rendered => {
  switch (state.type) {
    case "Task":
      return {
        Resource: state.call.resource,
        Arguments: state.arguments,
        TimeoutSeconds: state.timeoutSeconds,
        HeartbeatSeconds: state.heartbeatSeconds,
        ...renderRecovery(state),
        ...renderResult(state),
        ...renderExit(state),
      };
    case "Choice":
      return { Choices: state.choices.map(renderRule), Default: state.default, ...renderResult(state) };
    case "Wait":
      return { Seconds: state.seconds, Timestamp: state.timestamp, ...renderResult(state), ...renderExit(state) };
    case "Pass":
      return { ...renderResult(state), ...renderExit(state) };
    case "Succeed":
      return { Output: state.output };
    case "Fail":
      return { Error: state.error, Cause: state.cause };
    case "Parallel":
      return {
        Branches: state.branches.map(renderGraph),
        Arguments: state.arguments,
        ...renderRecovery(state),
        ...renderResult(state),
        ...renderExit(state),
      };
    case "Map":
      return renderMap(state);
  }
};

const renderMap = (state: MapState<string>): Rendered => ({
  ...(isDistributed(state)
    ? { Label: state.label, ...renderSource(state), ...renderItems(state), ...renderDistribution(state) }
    : renderItems(state)),
  ...renderRecovery(state),
  ...renderResult(state),
  ...renderExit(state),
});

const renderItems = (state: MapState<string>): Rendered => ({
  Items: state.items,
  ItemSelector: state.itemSelector,
  ItemProcessor: {
    ProcessorConfig: isDistributed(state)
      ? { Mode: state.mode.mode, ExecutionType: state.mode.executionType }
      : { Mode: "INLINE" },
    ...renderGraph(state.processor),
  },
  MaxConcurrency: state.maxConcurrency,
});

type Distributed = Extract<MapState<string>, { readonly mode: { readonly mode: "DISTRIBUTED" } }>;

const isDistributed = (state: MapState<string>): state is Distributed => state.mode?.mode === "DISTRIBUTED";

const renderSource = ({ reader }: Distributed): Rendered => ({
  ItemReader: reader && {
    Resource: reader.call.resource,
    ReaderConfig: reader.inputType && {
      InputType: reader.inputType,
      CSVHeaderLocation: reader.inputType === "CSV" ? "FIRST_ROW" : undefined,
    },
    Arguments: reader.arguments,
  },
});

const renderDistribution = ({
  batcher,
  writer,
  toleratedFailurePercentage,
  toleratedFailureCount,
}: Distributed): Rendered => ({
  ItemBatcher: batcher && { MaxItemsPerBatch: batcher.maxItemsPerBatch, BatchInput: batcher.batchInput },
  ResultWriter: writer && { Resource: writer.call.resource, Arguments: writer.arguments },
  ToleratedFailurePercentage: toleratedFailurePercentage,
  ToleratedFailureCount: toleratedFailureCount,
});

const renderResult = ({ assign, output }: { assign?: Assign; output?: Value }): Rendered => ({
  Assign: assign,
  Output: output,
});

const renderExit = (exit: { next?: string; end?: true }): Rendered => ({ Next: exit.next, End: exit.end });

const renderRule = (rule: ChoiceRule<string>): Rendered => ({
  Condition: rule.condition,
  ...renderResult(rule),
  Next: rule.next,
});

const renderRecovery = (state: { retry?: readonly Retrier[]; catch?: readonly Catcher<string>[] }): Rendered => ({
  Retry: state.retry?.map((retrier) => ({
    ErrorEquals: retrier.errors,
    IntervalSeconds: retrier.intervalSeconds,
    MaxAttempts: retrier.maxAttempts,
    BackoffRate: retrier.backoffRate,
    MaxDelaySeconds: retrier.maxDelaySeconds,
    JitterStrategy: retrier.jitter,
  })),
  Catch: state.catch?.map((catcher) => ({ ErrorEquals: catcher.errors, ...renderResult(catcher), Next: catcher.next })),
});
