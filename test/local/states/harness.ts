import { VirtualClock } from "../../../local/clock.ts";
import type { HistoryEvent } from "../../../local/states/history.ts";
import type { ExecutionResult, TaskRequest } from "../../../local/states/machine.ts";
import type { ParseOptions } from "../../../local/states/parse.ts";
import { parseMachine } from "../../../local/states/parse.ts";

export const START = Date.parse("2026-01-01T00:00:00Z");

export type TaskStub = (request: TaskRequest, clock: VirtualClock) => unknown;

export interface Options extends ParseOptions {
  readonly input?: unknown;
  readonly task?: TaskStub;
  readonly random?: () => number;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Stops the execution after so many seconds. */
  readonly stopAfterSeconds?: number;
  readonly stopReason?: Error;
}

export interface Outcome {
  readonly result: ExecutionResult;
  readonly events: readonly HistoryEvent[];
  readonly seconds: number;
}

export type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A definition that starts at its first state. */
export const machineOf = (states: States, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  QueryLanguage: "JSONata",
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

/** Runs a definition on a virtual clock, to its end. */
export async function execute(definition: unknown, options: Options = {}): Promise<Outcome> {
  const { input = {}, random = () => 0.5, context = {}, stopAfterSeconds, stopReason, ...parseOptions } = options;
  const task: TaskStub = options.task ?? ((request) => request.arguments);
  const clock = new VirtualClock(START);
  const machine = parseMachine(definition, parseOptions);
  const events: HistoryEvent[] = [];
  const stop = new AbortController();
  const running = clock.spawn(async () => {
    const result = await machine.run(
      { input, context, signal: stop.signal },
      {
        clock,
        random,
        task: (request) => Promise.resolve().then(() => task(request, clock)),
        observe: (event) => {
          events.push(event);
        },
      },
    );
    return { result, seconds: (clock.now() - START) / 1_000 };
  });
  if (stopAfterSeconds !== undefined) {
    clock.schedule(stopAfterSeconds * 1_000, () => {
      stop.abort(stopReason);
      return Promise.resolve();
    });
  }
  const { result, seconds } = await running;
  return { result, events, seconds };
}

/** The output of an execution that must succeed. */
export async function outputOf(definition: unknown, options: Options = {}): Promise<unknown> {
  const { result } = await execute(definition, options);
  if (result.status !== "SUCCEEDED") throw new Error(`${result.status} ${result.error ?? ""}: ${result.cause ?? ""}`);
  return result.output;
}

type Failure = Exclude<ExecutionResult, { readonly status: "SUCCEEDED" }>;

/** Error and cause of an execution that must fail. */
export async function failureOf(definition: unknown, options: Options = {}): Promise<Failure> {
  const { result } = await execute(definition, options);
  if (result.status === "SUCCEEDED") throw new Error(`succeeded with ${JSON.stringify(result.output)}`);
  return result;
}

export const typesOf = (events: readonly HistoryEvent[]): string[] => events.map((event) => event.type);

/** States as a branch or a processor has them, beginning with the first. */
export const scope = (states: States): object => ({ StartAt: Object.keys(states)[0], States: states });

/** A task that ends its branch. */
export const task = (more: object = {}): Record<string, unknown> => ({
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:sqs:sendMessage",
  End: true,
  ...more,
});

/** A wait that ends its branch. */
export const wait = (Seconds: number): Record<string, unknown> => ({ Type: "Wait", Seconds, End: true });
