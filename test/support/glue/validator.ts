import { isRecord } from "../../../functions/lib/json.ts";
import { shapeOf } from "./model.ts";
import type { ServiceModel, Shape } from "./model.ts";

/**
 * Where a value, as it is on the wire, is not what a shape of the model allows. A problem names the path and the rule but
 * no value that changes from run to run, so that two lists of problems can be compared.
 */
export function problemsOf(model: ServiceModel, shapeName: string, value: unknown, path = shapeName): string[] {
  const shape = shapeOf(model, shapeName);
  if (value === null) return [`${path} is null`];
  if (!hasType(shape, value)) return [`${path} is ${kindOf(value, shape.type)}, not ${article(shape.type)}`];
  switch (shape.type) {
    case "structure":
      return structureProblems(model, shapeName, value, path);
    case "map":
      return Object.entries(value as object).flatMap(([key, item]) => [
        ...nested(model, shape.key, key, `${path}.KEY`),
        ...nested(model, shape.value, item, `${path}.*`),
      ]);
    case "list":
      return [
        ...boundProblems(shape, (value as readonly unknown[]).length, `the length of ${path}`),
        ...(value as readonly unknown[]).flatMap((item) => nested(model, shape.member, item, `${path}[]`)),
      ];
    case "string":
      return textProblems(shape, value as string, path);
    case "integer":
    case "double":
      return boundProblems(shape, value as number, path);
    case "boolean":
    case "timestamp":
      return [];
  }
}

/** How long a text is for AWS: astral characters count once. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

const maxInteger = 2 ** 31 - 1;

function hasType({ type }: Shape, value: unknown): boolean {
  switch (type) {
    case "structure":
    case "map":
      return isRecord(value);
    case "list":
      return Array.isArray(value);
    case "string":
    case "boolean":
      return typeof value === type;
    case "integer":
      return Number.isInteger(value) && Math.abs(Number(value)) <= maxInteger;
    // A time is a number of seconds on the wire of JSON services.
    case "double":
    case "timestamp":
      return typeof value === "number";
  }
}

function structureProblems(model: ServiceModel, shapeName: string, value: unknown, path: string): string[] {
  const { members = {}, required = [] } = shapeOf(model, shapeName);
  const fields = isRecord(value) ? value : {};
  return [
    ...required.filter((name) => fields[name] === undefined).map((name) => `${path}.${name} is missing`),
    ...Object.entries(fields).flatMap(([name, item]) => {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      if (member === undefined) return [`${path}.${name} is no member of ${shapeName}`];
      return problemsOf(model, member.shape, item, `${path}.${name}`);
    }),
  ];
}

function nested(model: ServiceModel, reference: Shape["member"], value: unknown, path: string): string[] {
  return reference === undefined ? [] : problemsOf(model, reference.shape, value, path);
}

function textProblems(shape: Shape, value: string, path: string): string[] {
  const problems = boundProblems(shape, lengthOf(value), `the length of ${path}`);
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    problems.push(`${path} is ${JSON.stringify(value)}, which the enumeration has not`);
  }
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(value)) {
    problems.push(`${path} does not match ${shape.pattern}`);
  }
  return problems;
}

function boundProblems({ min, max }: Shape, value: number, what: string): string[] {
  if (min !== undefined && value < min) return [`${what} is below ${min}`];
  if (max !== undefined && value > max) return [`${what} is above ${max}`];
  return [];
}

function kindOf(value: unknown, wanted: Shape["type"]): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && wanted === "integer") {
    return Number.isInteger(value) ? "an integer of more than 32 bits" : "a fraction";
  }
  return value === undefined ? "undefined" : article(typeof value);
}

function article(word: string): string {
  return `${/^[aio]/.test(word) ? "an" : "a"} ${word}`;
}
