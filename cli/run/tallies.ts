import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { textAt } from "./json.ts";
import { isExpress, type Children } from "./records.ts";

/** Each try but the first is charged as a transition of its own; the state is entered once for all of them. */
export function transitionsIn({ type }: HistoryEvent): number {
  if (type === "TaskScheduled" || type === "LambdaFunctionScheduled") return 1;
  return type.endsWith("StateEntered") && type !== "TaskStateEntered" ? 1 : 0;
}

export function count(
  group: Children,
  { executionArn, status }: Extract<CloudEvent, { kind: "execution-ended" }>,
  duration: number,
): void {
  if (status === "SUCCEEDED") group.succeeded++;
  else group.failed++;
  if (isExpress(executionArn)) group.expressDurations.push(duration);
}

type Ending =
  | { readonly status: "SUCCEEDED"; readonly output: unknown }
  | { readonly status: "FAILED"; readonly error: string; readonly cause?: string };

/** A result as an execution would end with it. */
export const endOf = (output: unknown): Ending => {
  const [error, cause] = [textAt(output, "error"), textAt(output, "cause")];
  return error === undefined
    ? { status: "SUCCEEDED", output }
    : { status: "FAILED", error, ...(cause !== undefined && { cause }) };
};
