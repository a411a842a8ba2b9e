import { unknownValue } from "./rules/rule.ts";

/**
 * Properties as plain values. Pulumi's are proxies that throw when a value is read that a preview cannot know yet, and
 * would give the whole rule up for it; here such a value is `unknownValue`, and the rest can be looked at.
 */
export const known = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(value).map((key) => [key, plain(() => value[key])]));

const plain = (read: () => unknown): unknown => {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    // The class itself is not exported.
    if (error instanceof Error && error.constructor.name === "UnknownValueError") return unknownValue;
    throw error;
  }
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => plain(() => at(value, index)));
  return typeof value === "object" && value !== null ? known(value as Record<string, unknown>) : value;
};

const at = (list: readonly unknown[], index: number): unknown => list[index];
