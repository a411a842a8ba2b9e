import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../policy.ts";
import type { Assign, Catcher, ChoiceRule, Retrier, State, StateGraph, Value } from "./states.ts";

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

/** What the machine's role needs: the permissions of all its tasks, those of branches and maps included. */
export const permissionsOf = (graph: StateGraph): readonly Statement[] => {
  const statements = Object.values(graph.states).flatMap((state): readonly Statement[] => {
    switch (state.type) {
      case "Task":
        return state.call.permissions;
      case "Parallel":
        return state.branches.flatMap(permissionsOf);
      case "Map":
        return permissionsOf(state.processor);
      default:
        return [];
    }
  });
  // Several states may make the same call; the sid says what a statement is for, so the first one speaks for all.
  return [...new Map(statements.map((statement) => [statement.sid, statement])).values()];
};

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
      return {
        Items: state.items,
        ItemSelector: state.itemSelector,
        ItemProcessor: {
          ProcessorConfig: renderMode(state.mode ?? { mode: "INLINE" }),
          ...renderGraph(state.processor),
        },
        MaxConcurrency: state.maxConcurrency,
        ToleratedFailurePercentage: state.toleratedFailurePercentage,
        ToleratedFailureCount: state.toleratedFailureCount,
        ...renderRecovery(state),
        ...renderResult(state),
        ...renderExit(state),
      };
  }
};

const renderMode = (mode: { mode: "INLINE" } | { mode: "DISTRIBUTED"; executionType: string }): Rendered =>
  mode.mode === "INLINE" ? { Mode: mode.mode } : { Mode: mode.mode, ExecutionType: mode.executionType };

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
