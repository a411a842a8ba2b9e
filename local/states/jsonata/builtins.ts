import type { Env } from "./env.ts";
import { EXTRAS } from "./extras.ts";
import { bail, isNumeric, isObject, lookup, sequenceOf, setField, toBoolean, toText } from "./values.ts";

/**
 * A function that the compiler knows. Parameters are given by a letter each, as in the library's signatures: s string,
 * n number, b boolean, x anything, a array (a single value becomes one), an, as, ao array of numbers, strings, objects.
 * A call with other arguments is left to the library.
 */
export interface Builtin {
  readonly parameters: readonly string[];
  readonly required: number;
  readonly run: (args: readonly unknown[], env: Env) => unknown;
}

/** The arguments as the function takes them. */
export function checkArguments(builtin: Builtin, args: unknown[]): unknown[] {
  for (let index = 0; index < args.length; index++) {
    args[index] = checked(builtin.parameters[index] ?? "x", args[index]);
  }
  return args;
}

function checked(parameter: string, arg: unknown): unknown {
  if (arg === undefined || parameter === "x") return arg;
  if (parameter.startsWith("a")) return checkedArray(parameter.charAt(1), arg);
  return hasType(parameter, arg) ? arg : bail();
}

function checkedArray(itemType: string, arg: unknown): unknown {
  const items: unknown[] = Array.isArray(arg) ? arg : [arg];
  return itemType === "" || items.every((item) => hasType(itemType, item)) ? items : bail();
}

function hasType(type: string, value: unknown): boolean {
  if (type === "s") return typeof value === "string";
  if (type === "n") return typeof value === "number";
  return type === "b" ? typeof value === "boolean" : isObject(value);
}

/** A function of its first argument that gives nothing for nothing. */
function ofFirst(
  parameters: readonly string[],
  run: (first: never, ...rest: never[]) => unknown,
  required = parameters.length,
): Builtin {
  const call = run as (...args: readonly unknown[]) => unknown;
  return { parameters, required, run: (args) => (args[0] === undefined ? undefined : call(...args)) };
}

const NUMBER = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/;
/** What Date.prototype.toISOString writes: other forms of a time are left to the library. */
const ISO_TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{3})?Z$/;
const LAST_FOUR_DIGIT_YEAR = 253_402_300_799_999;

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const number = typeof value === "string" && NUMBER.test(value) ? Number.parseFloat(value) : Number.NaN;
  return Number.isFinite(number) ? number : bail();
}

function substring(text: string, start: number, length?: number): string {
  const characters = Array.from(text);
  const from = characters.length + start < 0 ? 0 : start;
  if (length === undefined) return characters.slice(from).join("");
  if (length <= 0) return "";
  const end = from >= 0 ? from + length : characters.length + from + length;
  return characters.slice(from, end).join("");
}

function trim(text: string): string {
  return text
    .replace(/[ \t\n\r]+/g, " ")
    .replace(/^ /, "")
    .replace(/ $/, "");
}

/** To the nearest integer, halves to the even one. */
function round(value: number): number {
  const nearest = Math.round(value);
  const even = Math.abs(nearest - value) === 0.5 && Math.abs(nearest % 2) === 1 ? nearest - 1 : nearest;
  return even === 0 ? 0 : even;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && !isNumeric(value) ? bail() : typeof value;
}

function append(first: unknown, second: unknown): unknown {
  if (first === undefined) return second;
  if (second === undefined) return first;
  const left: unknown[] = Array.isArray(first) ? first : [first];
  const joined: unknown[] = left.concat(second);
  return joined;
}

function merge(objects: readonly Record<string, unknown>[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const object of objects) for (const [key, value] of Object.entries(object)) setField(merged, key, value);
  return merged;
}

function keys(value: unknown): unknown {
  if (Array.isArray(value)) return bail();
  return sequenceOf(...(isObject(value) ? Object.keys(value) : []));
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const ofSome = (calculate: (values: readonly number[]) => number): Builtin =>
  ofFirst(["an"], (values: number[]) => (values.length === 0 ? undefined : calculate(values)));

const textOrBail = (value: unknown): string => (typeof value === "string" ? value : bail());

const TEXT_FUNCTIONS: Readonly<Record<string, Builtin>> = {
  string: ofFirst(["x"], toText),
  length: ofFirst(["s"], (text: string) => Array.from(text).length),
  lowercase: ofFirst(["s"], (text: string) => text.toLowerCase()),
  uppercase: ofFirst(["s"], (text: string) => text.toUpperCase()),
  trim: ofFirst(["s"], trim),
  // A start that is missing counts from nowhere in the library's way: rare enough to leave to it.
  substring: ofFirst(
    ["s", "n", "n"],
    (text: string, start?: number, length?: number) => (start === undefined ? bail() : substring(text, start, length)),
    2,
  ),
  substringBefore: ofFirst(["s", "s"], (text: string, separator: unknown) => {
    const at = text.indexOf(textOrBail(separator));
    return at < 0 ? text : text.slice(0, at);
  }),
  substringAfter: ofFirst(["s", "s"], (text: string, separator: unknown) => {
    const at = text.indexOf(textOrBail(separator));
    return at < 0 ? text : text.slice(at + textOrBail(separator).length);
  }),
  contains: ofFirst(["s", "s"], (text: string, token: string | undefined) =>
    token === undefined ? undefined : text.includes(token),
  ),
  split: ofFirst(["s", "s"], (text: string, separator: unknown) => text.split(textOrBail(separator))),
  join: ofFirst(["as", "s"], (texts: string[], separator?: string) => texts.join(separator ?? ""), 1),
};

const NUMBER_FUNCTIONS: Readonly<Record<string, Builtin>> = {
  number: ofFirst(["x"], toNumber),
  abs: ofFirst(["n"], Math.abs),
  floor: ofFirst(["n"], Math.floor),
  ceil: ofFirst(["n"], Math.ceil),
  round: ofFirst(["n"], round),
  sum: ofFirst(["an"], total),
  min: ofSome((values) => Math.min(...values)),
  max: ofSome((values) => Math.max(...values)),
  average: ofSome((values) => total(values) / values.length),
  power: ofFirst(["n", "n"], (base: number, exponent?: number) => {
    const power = exponent === undefined ? Number.NaN : base ** exponent;
    return Number.isFinite(power) ? power : bail();
  }),
  toMillis: ofFirst(["s"], (text: string) => (ISO_TIME.test(text) ? Date.parse(text) : bail())),
  fromMillis: ofFirst(["n"], (millis: number) =>
    Number.isInteger(millis) && millis >= 0 && millis <= LAST_FOUR_DIGIT_YEAR ? new Date(millis).toISOString() : bail(),
  ),
  now: { parameters: [], required: 0, run: (_args, env) => new Date(env.now).toISOString() },
  millis: { parameters: [], required: 0, run: (_args, env) => env.now },
};

const VALUE_FUNCTIONS: Readonly<Record<string, Builtin>> = {
  boolean: ofFirst(["x"], toBoolean),
  not: ofFirst(["x"], (value) => !toBoolean(value)),
  exists: { parameters: ["x"], required: 1, run: ([value]) => value !== undefined },
  type: ofFirst(["x"], typeOf),
  count: { parameters: ["a"], required: 1, run: ([items]) => (Array.isArray(items) ? items.length : 0) },
  append: { parameters: ["x", "x"], required: 2, run: ([first, second]) => append(first, second) },
  merge: ofFirst(["ao"], merge),
  keys: ofFirst(["x"], keys),
  lookup: ofFirst(["x", "s"], (input: unknown, key: unknown) => lookup(input, textOrBail(key))),
  reverse: ofFirst(["a"], (items: unknown[]) => (items.length <= 1 ? items : [...items].reverse())),
};

const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...Object.entries(TEXT_FUNCTIONS),
  ...Object.entries(NUMBER_FUNCTIONS),
  ...Object.entries(VALUE_FUNCTIONS),
  ...Object.keys(EXTRAS).map((name): [string, Builtin] => [name, extra(name)]),
]);

export function findBuiltin(name: string): Builtin | undefined {
  return BUILTINS.get(name);
}

function extra(name: string): Builtin {
  return {
    parameters: ["x", "x", "x"],
    required: 0,
    run: (args, env) => {
      try {
        return EXTRAS[name]?.(env.random, ...args);
      } catch {
        // The library calls it again and reports what it threw.
        return bail();
      }
    },
  };
}
