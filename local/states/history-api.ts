import type { HistoryEvent as ApiEvent } from "@aws-sdk/client-sfn";
import type { HistoryEvent } from "./history.ts";

/** Events that carry nothing beside their type. */
const BARE =
  /^(Parallel|Map)State(Started|Succeeded|Failed|Aborted)$|^LambdaFunctionStarted$|^MapRun(Succeeded|Aborted)$/;

/** Payloads, which the API gives as text, and whose details say that nothing was cut off. */
const PAYLOADS = new Set(["input", "output"]);
const WHOLE = { truncated: false };

/** An event as GetExecutionHistory gives it. */
export function toApiEvent(event: HistoryEvent, machine: { readonly arn: string; readonly roleArn: string }): ApiEvent {
  const { id, previousEventId, type } = event;
  const timestamp = new Date(event.timestamp);
  const key = type === "MapStateStarted" ? "mapStateStartedEventDetails" : detailsKey(type);
  const known = { id, previousEventId, timestamp, type } as ApiEvent;
  return key === undefined
    ? known
    : { ...known, [key]: { ...apiDetails(event.details), ...detailsOfMachine(type, machine) } };
}

function detailsKey(type: string): string | undefined {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return BARE.test(type) ? undefined : `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

function detailsOfMachine(type: string, machine: { readonly arn: string; readonly roleArn: string }): object {
  if (type === "ExecutionStarted") return { roleArn: machine.roleArn };
  return type === "TaskScheduled" ? { region: machine.arn.split(":")[3] } : {};
}

function apiDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(details)) {
    fields[key] = apiValue(key, value);
    if (PAYLOADS.has(key) || key === "assignedVariables") fields[`${key}Details`] = WHOLE;
  }
  return fields;
}

function apiValue(key: string, value: unknown): unknown {
  if (key === "assignedVariables") return textFields(value);
  return PAYLOADS.has(key) || key === "parameters" ? JSON.stringify(value) : value;
}

const textFields = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(value ?? {}).map(([name, item]) => [name, JSON.stringify(item)]));
