/**
 * JSONata's own kinds of value. A sequence is what a path gives: it becomes its only item when it has one, and nothing
 * when it has none. It is an array that carries a mark, as in the library.
 */
export interface Marked extends Array<unknown> {
  sequence?: true;
  keepSingleton?: true;
  /** Made by an array constructor within a path: not flattened into the path's result. */
  cons?: true;
}

/** Thrown where the compiled form cannot answer: the library then evaluates the whole expression. */
export const BAIL: unique symbol = Symbol("bail");

export function bail(): never {
  // eslint's only-throw-error does not know symbols; an Error would cost a stack trace on a hot path.
  throw BAIL as unknown as Error;
}

export function sequenceOf(...items: unknown[]): Marked {
  const sequence: Marked = items;
  sequence.sequence = true;
  return sequence;
}

export const isSequence = (value: unknown): value is Marked =>
  Array.isArray(value) && (value as Marked).sequence === true;

/** What a node's result becomes on its way out: a sequence of one is its item, an empty one is nothing. */
export function settle(value: unknown): unknown {
  if (!isSequence(value)) return value;
  if (value.length === 0) return undefined;
  return value.length === 1 && value.keepSingleton !== true ? value[0] : value;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A number that JSONata may calculate with; one that is out of range is an error. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== "number" || Number.isNaN(value)) return false;
  return Number.isFinite(value) || bail();
}

/** The effective boolean value of the language. */
export function toBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) {
    return value.length === 1 ? toBoolean(value[0]) : value.some((item) => toBoolean(item));
  }
  if (typeof value === "string") return value.length > 0;
  if (typeof value === "number") return isNumeric(value) && value !== 0;
  return isObject(value) && Object.keys(value).length > 0;
}

export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isDeepEqual(item, right[index]));
  }
  // An array against an object is a question for the library.
  if (!isObject(left) || !isObject(right)) return bail();
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isDeepEqual(left[key], right[key]))
  );
}

/** A value as text: strings as they are, the rest as JSON with numbers of at most 15 digits. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? String(roundedTo15(value)) : bail();
  if (typeof value === "boolean" || value === null) return String(value);
  return JSON.stringify(value, (_key, item: unknown) => (isNumeric(item) ? roundedTo15(item) : item));
}

const roundedTo15 = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(15)));

/** A field of an object, or of each object of an array. */
export function lookup(input: unknown, key: string): unknown {
  if (Array.isArray(input)) {
    const found = sequenceOf();
    for (const item of input) {
      const value = lookup(item, key);
      if (Array.isArray(value)) found.push(...(value as unknown[]));
      else if (value !== undefined) found.push(value);
    }
    return found;
  }
  return isObject(input) && Object.hasOwn(input, key) ? input[key] : undefined;
}

/** Sets a field, also one that is named like Object's accessor. */
export function setField(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}
