import fc from "fast-check";
import { operationOf, shapeOf } from "./model.ts";
import type { OperationName, ServiceModel, Shape } from "./model.ts";

/**
 * Requests of an operation as the model has them, and such as it forbids: lengths and numbers at their limits and beyond,
 * wrong types, missing members. No member is null or unknown.
 */
export function requestsOf(
  model: ServiceModel,
  operation: OperationName,
  likely: Readonly<Record<string, readonly unknown[]>>,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const { members = {}, required = [] } = shapeOf(model, operationOf(model, operation).input.shape);
  const fields = Object.entries(members).map(([name, { shape }]) => {
    const values = valuesOf(model, shapeOf(model, shape));
    const given = likely[name];
    const value = given === undefined ? values : mostly(fc.constantFrom(...given), values);
    return [name, required.includes(name) ? mostly(value, fc.constant(undefined)) : sometimes(value)];
  });
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>).map(withoutUndefined);
}

function valuesOf(model: ServiceModel, shape: Shape): fc.Arbitrary<unknown> {
  const { min = 0, max = 255 } = shape;
  const at = (reference: Shape["member"]): fc.Arbitrary<unknown> =>
    reference === undefined ? fc.constant(undefined) : valuesOf(model, shapeOf(model, reference.shape));
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {}).map(([name, member]) => [name, sometimes(at(member))]);
      const whole = fc
        .record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>)
        .map(withoutUndefined);
      return mostly(whole, wrongTypes);
    }
    case "list":
      return mostly(fc.array(at(shape.member), { maxLength: 30 }), wrongTypes);
    case "map": {
      const names = mostly(texts(0, 12), fc.constant("__proto__"));
      const entries = fc.array(fc.tuple(names, mostly(texts(0, 40), wrongTypes)), { maxLength: 5 });
      return mostly(entries.map(Object.fromEntries), wrongTypes);
    }
    case "string":
      return mostly(
        shape.enum === undefined ? texts(min, max) : fc.constantFrom(...shape.enum),
        fc.oneof(texts(0, 8), wrongTypes),
      );
    case "integer":
      return mostly(
        fc.oneof(fc.integer({ min, max: min + 20 }), fc.constantFrom(min - 1, min, max, max + 1, 2 ** 31)),
        wrongTypes,
      );
    case "double":
      return mostly(
        fc.oneof(fc.constantFrom(0.0625, 1, 2, 10), fc.double({ noNaN: true, noDefaultInfinity: true })),
        wrongTypes,
      );
    case "boolean":
      return mostly(fc.boolean(), wrongTypes);
    case "timestamp":
      return fc.integer();
  }
}

const wrongTypes = fc.constantFrom<unknown>("text", "", 1, 0.5, true, {}, [], ["text"], { text: "text" });

/** Of any characters, and of the lengths that decide. */
function texts(min: number, max: number): fc.Arbitrary<string> {
  const lengths = [min - 1, min, max, max + 1].filter((length) => length >= 0 && length < 5000);
  const long = fc.tuple(fc.constantFrom("x", "ü", "😀", "\t"), fc.constantFrom(...lengths));
  return fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 4 }),
    long.map(([character, length]) => character.repeat(length)),
  );
}

function mostly<A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: odd, weight: 1 });
}

/** Few fields at a time, so that not all requests are refused for one of them. */
function sometimes<A>(value: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: value, weight: 1 });
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
