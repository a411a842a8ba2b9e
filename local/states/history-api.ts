import type { HistoryEvent as ApiEvent } from "@aws-sdk/client-sfn";
import type { HistoryEvent } from "./history.ts";

/** Events that carry nothing beside their type. */
const BARE = /^(Parallel|Map)State(Started|Succeeded|Failed|Aborted)$|^LambdaFunctionStarted$|^MapRunSucceeded$/;

/** Payloads, which the API gives as text. */
const PAYLOADS = new Set(["input", "output", "parameters"]);

/** An event as GetExecutionHistory gives it. */
export function toApiEvent(event: HistoryEvent, roleArn: string): ApiEvent {
  const { id, previousEventId, type } = event;
  const timestamp = new Date(event.timestamp);
  const details = type === "ExecutionStarted" ? { ...event.details, roleArn } : event.details;
  const key = type === "MapStateStarted" ? "mapStateStartedEventDetails" : detailsKey(type);
  const known = { id, previousEventId, timestamp, type } as ApiEvent;
  return key === undefined ? known : { ...known, [key]: apiDetails(details) };
}

function detailsKey(type: string): string | undefined {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return BARE.test(type) ? undefined : `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

function apiDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(details).map(([key, value]): [string, unknown] => {
    if (PAYLOADS.has(key)) return [key, JSON.stringify(value)];
    return [key, key === "assignedVariables" ? textFields(value) : value];
  });
  return Object.fromEntries(entries);
}

const textFields = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(value ?? {}).map(([name, item]) => [name, JSON.stringify(item)]));
