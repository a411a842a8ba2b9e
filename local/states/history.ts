/** An entry of an execution's history, with the names of GetExecutionHistory. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** For example ExecutionStarted, TaskStateEntered, LambdaFunctionScheduled, TaskSucceeded, WaitStateExited. */
  readonly type: string;
  /** The details object of the event's type: state name, input, output, error, cause, resource, … */
  readonly details: Readonly<Record<string, unknown>>;
}
