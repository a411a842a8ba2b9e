/** An API's answer as the JSON that a state machine sees: dates as ISO 8601 text, bytes as base64, no undefined fields. */
export function toJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map((item) => toJson(item));
  const fields = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== "function");
  return Object.fromEntries(fields.map(([key, item]) => [key, toJson(item)]));
}

/** Step Functions writes all APIs' fields with a capital, its own API's too. */
export const capitalised = (value: unknown): Record<string, unknown> => withKeys(value, (first) => first.toUpperCase());

export const uncapitalised = (value: unknown): Record<string, unknown> =>
  withKeys(value, (first) => first.toLowerCase());

function withKeys(value: unknown, change: (first: string) => string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key.charAt(0)) + key.slice(1), item]));
}
