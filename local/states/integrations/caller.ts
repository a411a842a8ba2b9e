import type { Clock } from "../../clock.ts";
import type { Api, Principal } from "../../services/service.ts";
import type { TaskRequest } from "../machine.ts";
import { StatesError } from "../machine.ts";
import { shown } from "../problems.ts";

/** What a task's call is made with. */
export interface Caller {
  readonly api: Api;
  /** The machine's role. */
  readonly role: Principal;
  readonly clock: Clock;
}

/** Does a task's call and gives its answer as JSON. */
export type Integration = (caller: Caller, request: TaskRequest) => Promise<unknown>;

/** A function's answer; an error that it threw goes by the error's own name. */
export function readAnswer(answer: unknown): unknown {
  const { FunctionError: isError, Payload: payload = "null" } = answer as { FunctionError?: string; Payload?: string };
  const value: unknown = JSON.parse(payload);
  if (isError === undefined) return value;
  const { errorType } = (value ?? {}) as { errorType?: unknown };
  throw new StatesError(typeof errorType === "string" ? errorType : "Lambda.Unknown", payload);
}

/** The arguments of an API call are an object. */
export function argumentsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new StatesError("States.Runtime", `The Arguments of an API call must be an object, got ${shown(value)}`);
}
