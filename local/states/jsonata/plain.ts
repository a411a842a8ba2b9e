import type { Marked } from "./values.ts";
import { setField } from "./values.ts";

/** Why a value cannot leave an expression. */
export class NotJson extends Error {}

/**
 * An expression's result as plain JSON, without JSONata's marks. What is plain already is given back as it is, not
 * copied; what JSON cannot hold throws NotJson.
 */
export function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotJson(`the number ${value}, which JSON does not have`);
      return value;
    case "object":
      if (value === null) return value;
      if (Array.isArray(value)) return plainArray(value);
      return plainObject(value as Record<string, unknown>);
    case "undefined":
      throw new NotJson("nothing (undefined)");
    default:
      throw new NotJson(`a ${typeof value}`);
  }
}

function plainArray(items: readonly unknown[]): readonly unknown[] {
  const marked = items as Marked;
  let copy: unknown[] | undefined =
    marked.sequence === true || marked.cons === true || marked.keepSingleton === true ? [] : undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const plain = toPlain(item);
    if (copy === undefined && plain !== item) copy = items.slice(0, index);
    copy?.push(plain);
  }
  return copy ?? items;
}

function plainObject(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if ("_jsonata_lambda" in object || "_jsonata_function" in object) throw new NotJson("a function");
  let isChanged = Object.getPrototypeOf(object) !== Object.prototype;
  const keys = Object.keys(object);
  const values = keys.map((key) => {
    const plain = toPlain(object[key]);
    isChanged ||= plain !== object[key];
    return plain;
  });
  if (!isChanged) return object;
  const copy: Record<string, unknown> = {};
  keys.forEach((key, index) => {
    setField(copy, key, values[index]);
  });
  return copy;
}
