import { entityNotFound, invalidInput } from "./glue-error.ts";
import { isRecord } from "./json.ts";
import type { JobDefinition } from "./job-definition.ts";

type Fields = Readonly<Record<string, unknown>>;

const singleLine = /^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}\t]*$/u;

/**
 * The fields of a request, or of a structure in it. One that the API has not is refused: the SDK's types and Step
 * Functions would have refused it on the way, and a misspelt field must not pass for an absent one.
 */
export function fieldsOf(request: unknown, allowed: readonly string[], what = "A request"): Fields {
  if (!isRecord(request)) throw invalidInput(`${what} must be an object, got ${shown(request)}`);
  for (const name of Object.keys(request)) {
    if (!allowed.includes(name)) throw invalidInput(`${what} has no field ${name}, only ${allowed.join(", ")}`);
  }
  return request;
}

export function text(fields: Fields, name: string, maxLength = 255): string {
  const value = optionalText(fields, name, maxLength);
  if (value === undefined) throw invalidInput(`${name} must be given: a text of 1 to ${maxLength} characters`);
  return value;
}

export function optionalText(fields: Fields, name: string, maxLength = 255): string | undefined {
  const value = given(fields[name]);
  if (value === undefined) return undefined;
  if (isLine(value, maxLength)) return value;
  throw invalidInput(`${name} must be a text of 1 to ${maxLength} characters on one line, got ${shown(value)}`);
}

/** A policy in JSON, which may have lines. */
export function optionalPolicy(fields: Fields, name: string): string | undefined {
  const value = given(fields[name]);
  if (value === undefined) return undefined;
  if (typeof value === "string" && lengthOf(value) >= 2 && lengthOf(value) <= 2048) return value;
  throw invalidInput(`${name} must be a text of 2 to 2048 characters, got ${shown(value)}`);
}

export function optionalWhole(fields: Fields, name: string, min: number, max: number): number | undefined {
  const value = given(fields[name]);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidInput(`${name} must be a whole number from ${min} to ${max}, got ${shown(value)}`);
}

export function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = given(fields[name]);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw invalidInput(`${name} must be a number above 0, got ${shown(value)}`);
}

export function optionalFlag(fields: Fields, name: string): boolean | undefined {
  const value = given(fields[name]);
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidInput(`${name} must be true or false, got ${shown(value)}`);
}

export function optionalChoice<T extends string>(
  fields: Fields,
  name: string,
  choices: Readonly<Record<T, unknown>>,
): T | undefined {
  const value = given(fields[name]);
  if (value === undefined) return undefined;
  if (typeof value === "string" && isChoice(value, choices)) return value;
  throw invalidInput(`${name} must be one of ${Object.keys(choices).join(", ")}, got ${shown(value)}`);
}

function isChoice<T extends string>(value: string, choices: Readonly<Record<T, unknown>>): value is T {
  return Object.hasOwn(choices, value);
}

export function texts(fields: Fields, name: string, maxCount: number): readonly string[] {
  const value = fields[name];
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const found = items.filter((item): item is string => isLine(item, 255));
  if (found.length >= 1 && found.length <= maxCount && found.length === items.length) return found;
  throw invalidInput(
    `${name} must be a list of 1 to ${maxCount} texts of 1 to 255 characters on one line, got ${shown(value)}`,
  );
}

/** The job that a request names. */
export function jobNamed(jobs: ReadonlyMap<string, JobDefinition>, name: string, otherwise: string): JobDefinition {
  const job = jobs.get(name);
  if (job === undefined) throw entityNotFound(`${otherwise}: there is no job ${shown(name)}`);
  return job;
}

function isLine(value: unknown, maxLength: number): value is string {
  if (typeof value !== "string" || !singleLine.test(value)) return false;
  return value !== "" && lengthOf(value) <= maxLength;
}

/** AWS counts characters, not the two units that JavaScript has for some of them. */
function lengthOf(value: string): number {
  return Array.from(value).length;
}

/** JSON has null for what is not given. */
function given(value: unknown): unknown {
  return value ?? undefined;
}

export function shown(value: unknown): string {
  const json = value === undefined ? "nothing" : JSON.stringify(value);
  return json.length > 120 ? `${json.slice(0, 117)}...` : json;
}
