/**
 * Where a value has the file's size in it, whatever the size is: nowhere, it is the size, in fields of it, or somewhere,
 * be it in a number or a text that was made from it. Whether a value is there, its type and its fields never depend on
 * the size. An array has the shape of its items together.
 */
export type Shape = "clean" | "size" | "mixed" | { readonly fields: ReadonlyMap<string, Shape> };

/** Deeper values are taken for mixed as a whole. */
const mostDeep = 8;

/** The shape of a value that may be either. */
export function either(one: Shape, other: Shape, depth = 0): Shape {
  if (one === other || other === "clean") return one;
  if (one === "clean") return other;
  if (typeof one === "string" || typeof other === "string" || depth > mostDeep) return "mixed";
  const fields = new Map(one.fields);
  for (const [name, shape] of other.fields) fields.set(name, either(fields.get(name) ?? "clean", shape, depth + 1));
  return { fields };
}

export const anyOf = (shapes: readonly Shape[]): Shape => shapes.reduce((all, shape) => either(all, shape), "clean");

/** What is made from values of a shape by anything that does not just pass them on. */
export const madeFrom = (shapes: readonly Shape[]): Shape =>
  shapes.every((shape) => shape === "clean") ? "clean" : "mixed";

export function objectOf(fields: readonly (readonly [string, Shape])[]): Shape {
  const own = new Map<string, Shape>();
  for (const [name, shape] of fields) if (shape !== "clean") own.set(name, either(own.get(name) ?? "clean", shape));
  return own.size === 0 ? "clean" : { fields: own };
}

export function fieldOf(shape: Shape, name: string): Shape {
  if (shape === "mixed") return shape;
  return typeof shape === "string" ? "clean" : (shape.fields.get(name) ?? "clean");
}

export function isSame(one: Shape, other: Shape): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return (
    one.fields.size === other.fields.size &&
    [...one.fields].every(([name, shape]) => isSame(shape, other.fields.get(name) ?? "clean"))
  );
}

/** Deep shapes that grow with each round are cut. */
export function cut(shape: Shape, depth = 0): Shape {
  if (typeof shape === "string") return shape;
  if (depth > mostDeep) return "mixed";
  return { fields: new Map([...shape.fields].map(([name, inner]) => [name, cut(inner, depth + 1)])) };
}

/** The shape of what depends on a size, by what it is for two sizes. */
export function shapeOf(make: (bytes: number) => unknown): Shape {
  const sizes = [12_345_677, 76_543_211] as const;
  return difference(make(sizes[0]), make(sizes[1]), sizes);
}

function difference(one: unknown, other: unknown, sizes: readonly [number, number]): Shape {
  if (one === sizes[0] && other === sizes[1]) return "size";
  if (!isObject(one) || !isObject(other)) return one === other ? "clean" : "mixed";
  const names = Object.keys(one);
  if (Array.isArray(one) !== Array.isArray(other) || names.join("\0") !== Object.keys(other).join("\0")) return "mixed";
  const fields = names.map((name) => [name, difference(one[name], other[name], sizes)] as const);
  return Array.isArray(one) ? anyOf(fields.map(([, shape]) => shape)) : objectOf(fields);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
