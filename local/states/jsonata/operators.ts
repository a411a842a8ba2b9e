import type { Compiled } from "./env.ts";
import { bail, isDeepEqual, isNumeric, sequenceOf, toBoolean, toText } from "./values.ts";

/** Longer ranges are left to the library, which has a limit of its own. */
const LONGEST_RANGE = 100_000;

type Combine = (left: unknown, right: unknown) => unknown;

/** The compiled form of a binary operator; undefined for one that the compiler does not know. */
export function compileOperator(operator: string, left: Compiled, right: Compiled): Compiled | undefined {
  if (operator === "and") return (env, input) => toBoolean(left(env, input)) && toBoolean(right(env, input));
  if (operator === "or") return (env, input) => toBoolean(left(env, input)) || toBoolean(right(env, input));
  const combine = OPERATORS[operator];
  return combine === undefined ? undefined : (env, input) => combine(left(env, input), right(env, input));
}

const arithmetic =
  (calculate: (left: number, right: number) => number): Combine =>
  (left, right) => {
    if (left !== undefined && !isNumeric(left)) return bail();
    if (right !== undefined && !isNumeric(right)) return bail();
    return left === undefined || right === undefined ? undefined : calculate(left, right);
  };

const isComparable = (value: unknown): value is string | number | undefined =>
  value === undefined || typeof value === "string" || typeof value === "number";

const comparison =
  (compare: (left: string | number, right: string | number) => boolean): Combine =>
  (left, right) => {
    if (!isComparable(left) || !isComparable(right)) return bail();
    if (left === undefined || right === undefined) return undefined;
    return typeof left === typeof right ? compare(left, right) : bail();
  };

const equality =
  (expected: boolean): Combine =>
  (left, right) =>
    left !== undefined && right !== undefined && isDeepEqual(left, right) === expected;

const text = (value: unknown): string => (value === undefined ? "" : toText(value));

function isIn(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  return Array.isArray(right) ? right.some((item) => item === left) : right === left;
}

function range(left: unknown, right: unknown): unknown {
  if (left !== undefined && !Number.isInteger(left)) return bail();
  if (right !== undefined && !Number.isInteger(right)) return bail();
  if (typeof left !== "number" || typeof right !== "number" || left > right) return undefined;
  if (right - left >= LONGEST_RANGE) return bail();
  const items = sequenceOf();
  for (let item = left; item <= right; item++) items.push(item);
  return items;
}

const OPERATORS: Readonly<Record<string, Combine | undefined>> = {
  "+": arithmetic((left, right) => left + right),
  "-": arithmetic((left, right) => left - right),
  "*": arithmetic((left, right) => left * right),
  "/": arithmetic((left, right) => left / right),
  "%": arithmetic((left, right) => left % right),
  "=": equality(true),
  "!=": equality(false),
  "<": comparison((left, right) => left < right),
  "<=": comparison((left, right) => left <= right),
  ">": comparison((left, right) => left > right),
  ">=": comparison((left, right) => left >= right),
  "&": (left, right) => text(left) + text(right),
  in: isIn,
  "..": range,
};
