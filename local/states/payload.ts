import { StatesError } from "./machine.ts";

/** Bytes of JSON that may pass between states. */
export const MAX_PAYLOAD_BYTES = 262_144;

/** Throws States.DataLimitExceeded where a payload is too large. */
export function checkPayload(value: unknown, what: string): void {
  if (upperBound(value, MAX_PAYLOAD_BYTES) >= 0) return;
  if (value === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw new StatesError(
    "States.DataLimitExceeded",
    `The ${what} has ${bytes} bytes of JSON; Step Functions allows ${MAX_PAYLOAD_BYTES}`,
  );
}

/** What is left of a budget if each character takes the six bytes that it takes at most; negative: measure exactly. */
function upperBound(value: unknown, budget: number): number {
  if (typeof value === "string") return budget - 6 * value.length - 2;
  if (typeof value !== "object" || value === null) return budget - 25;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      left = upperBound(item, left) - 1;
      if (left < 0) return left;
    }
    return left;
  }
  for (const key in value) {
    left = upperBound((value as Record<string, unknown>)[key], left - 6 * key.length - 4);
    if (left < 0) return left;
  }
  return left;
}
