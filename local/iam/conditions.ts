import { literal, wildcard } from "./wildcard.ts";

/** What is known about a request, by condition key in lower case. */
export type RequestContext = Readonly<Record<string, string>>;

/** A compiled Condition element. */
export type Condition = (context: RequestContext) => boolean;

type Test = (value: string) => boolean;
interface Operator {
  /** The operator holds where the value fits none of the policy's values. */
  readonly negated: boolean;
  readonly compile: (wanted: string, where: string) => Test;
}

/** Compiles a Condition element; an operator it does not know is an error that names it. */
export const compileCondition = (element: unknown, where: string): Condition => {
  if (element === undefined) return () => true;
  const tests = entries(element, where).flatMap(([name, keys]) =>
    entries(keys, `${where}.${name}`).map(([key, values]) => compileOne(name, key, values, `${where}.${name}.${key}`)),
  );
  return (context) => tests.every((test) => test(context));
};

const compileOne = (name: string, key: string, values: unknown, where: string): Condition => {
  const [, set, base = name, ifExists] = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const wanted = texts(values, where);
  const contextKey = key.toLowerCase();
  if (base === "Null") {
    return (context) => wanted.includes(String(context[contextKey] === undefined));
  }
  const operator = operators.get(base);
  if (operator === undefined) {
    throw new Error(
      `${where}: the operator "${name}" is not known; known are ${[...operators.keys(), "Null"].join(", ")}`,
    );
  }
  const tests = wanted.map((value) => operator.compile(value, where));
  // A set operator without a value: all of none fit, any of none does not.
  const absent = ifExists !== undefined || (set === undefined ? operator.negated : set === "ForAllValues");
  return (context) => {
    const value = context[contextKey];
    if (value === undefined) return absent;
    return tests.some((test) => test(value)) !== operator.negated;
  };
};

const equal = (wanted: string, where: string): Test => {
  const text = literal(wanted, where);
  return (value) => value === text;
};
const equalIgnoringCase = (wanted: string, where: string): Test => {
  const text = literal(wanted, where).toLowerCase();
  return (value) => value.toLowerCase() === text;
};
const numeric =
  (compare: (value: number, wanted: number) => boolean) =>
  (wanted: string, where: string): Test => {
    const limit = Number(wanted);
    if (Number.isNaN(limit)) throw new Error(`${where} must be a number, got "${wanted}"`);
    return (value) => compare(Number(value), limit);
  };

/** ARNs are compared part by part, so that a wildcard stays within its part; the last part may hold colons. */
const arn = (wanted: string, where: string): Test => {
  const patterns = arnParts(wanted).map((part) => wildcard(part, where));
  if (patterns.length !== 6) throw new Error(`${where} must be an ARN, got "${wanted}"`);
  return (value) => {
    const parts = arnParts(value);
    return parts.length === 6 && patterns.every((pattern, index) => pattern(parts[index] ?? ""));
  };
};

const arnParts = (text: string): string[] => {
  const parts = text.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
};

const is = (compile: Operator["compile"]): Operator => ({ negated: false, compile });
const not = (compile: Operator["compile"]): Operator => ({ negated: true, compile });
const same = numeric((value, wanted) => value === wanted);

const operators: ReadonlyMap<string, Operator> = new Map([
  ["StringEquals", is(equal)],
  ["StringNotEquals", not(equal)],
  ["StringEqualsIgnoreCase", is(equalIgnoringCase)],
  ["StringNotEqualsIgnoreCase", not(equalIgnoringCase)],
  ["StringLike", is(wildcard)],
  ["StringNotLike", not(wildcard)],
  ["ArnEquals", is(arn)],
  ["ArnLike", is(arn)],
  ["ArnNotEquals", not(arn)],
  ["ArnNotLike", not(arn)],
  ["Bool", is(equalIgnoringCase)],
  ["NumericEquals", is(same)],
  ["NumericNotEquals", not(same)],
  ["NumericLessThan", is(numeric((value, wanted) => value < wanted))],
  ["NumericLessThanEquals", is(numeric((value, wanted) => value <= wanted))],
  ["NumericGreaterThan", is(numeric((value, wanted) => value > wanted))],
  ["NumericGreaterThanEquals", is(numeric((value, wanted) => value >= wanted))],
]);

const entries = (value: unknown, where: string): [string, unknown][] => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where} must be an object, got ${JSON.stringify(value)}`);
  }
  return Object.entries(value);
};

const texts = (value: unknown, where: string): string[] =>
  (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") return String(item);
    throw new Error(`${where} must hold texts, got ${JSON.stringify(item)}`);
  });
