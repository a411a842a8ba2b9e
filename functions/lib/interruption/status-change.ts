import { isRecord } from "../json.ts";

/** How an execution came to its end without having been able to report it. */
export type InterruptedStatus = "FAILED" | "TIMED_OUT" | "ABORTED";

/** An event of the type "Step Functions Execution Status Change", as far as it is read. Times are milliseconds. */
export interface StatusChange {
  readonly executionArn: string;
  readonly name: string;
  readonly status: InterruptedStatus;
  readonly startDate: number;
  readonly stopDate: number;
  /** JSON. The event leaves out one that would make it too large. */
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
}

const statuses: readonly string[] = ["FAILED", "TIMED_OUT", "ABORTED"] satisfies readonly InterruptedStatus[];

/** Throws where the event is another one: then it is kept by whoever sent it. */
export function readStatusChange(event: unknown): StatusChange {
  const detail = isRecord(event) ? event.detail : undefined;
  if (!isRecord(detail)) throw malformed("detail", "an object", detail);
  const status = textIn(detail, "status");
  if (!isInterrupted(status)) throw malformed("detail.status", statuses.join(" or "), status);
  return {
    executionArn: textIn(detail, "executionArn"),
    name: textIn(detail, "name"),
    status,
    startDate: timeIn(detail, "startDate"),
    stopDate: timeIn(detail, "stopDate"),
    ...optionalText(detail, "input"),
    ...optionalText(detail, "error"),
    ...optionalText(detail, "cause"),
  };
}

function isInterrupted(status: string): status is InterruptedStatus {
  return statuses.includes(status);
}

function textIn(detail: Readonly<Record<string, unknown>>, name: string): string {
  const value = detail[name];
  if (typeof value === "string" && value !== "") return value;
  throw malformed(`detail.${name}`, "a text", value);
}

function timeIn(detail: Readonly<Record<string, unknown>>, name: string): number {
  const value = detail[name];
  if (typeof value === "number") return value;
  throw malformed(`detail.${name}`, "milliseconds since the epoch", value);
}

function optionalText<Name extends string>(
  detail: Readonly<Record<string, unknown>>,
  name: Name,
): Readonly<Partial<Record<Name, string>>> {
  const value = detail[name];
  const found: Partial<Record<Name, string>> = {};
  if (typeof value === "string" && value !== "") found[name] = value;
  return found;
}

function malformed(field: string, allowed: string, value: unknown): Error {
  const shown = value === undefined ? "nothing" : JSON.stringify(value);
  return new Error(`A status change's ${field} must be ${allowed}, got ${shown}`);
}
