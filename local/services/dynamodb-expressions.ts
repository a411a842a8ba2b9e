import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Condition, parseCondition } from "./dynamodb-conditions.ts";
import { type DocumentPath, invalid, type PathOf, Tokens, valueAt } from "./dynamodb-tokens.ts";
import { parseUpdate, type Update } from "./dynamodb-updates.ts";
import type { Item } from "./dynamodb-values.ts";

/** The parameters that hold expressions. */
export interface ExpressionInput {
  readonly ConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** A condition on one attribute of the key. */
export interface KeyCondition {
  readonly path: PathOf;
  readonly operator: "=" | "<" | "<=" | ">" | ">=" | "BETWEEN" | "begins_with";
  readonly values: readonly ((scope: {
    readonly values: Readonly<Record<string, AttributeValue>>;
  }) => AttributeValue)[];
}

interface Compiled<T> {
  readonly result: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

/** The expressions of one request, read, with its placeholders checked. */
export interface Expressions {
  readonly condition: Condition | undefined;
  readonly filter: Condition | undefined;
  readonly keyConditions: readonly KeyCondition[] | undefined;
  readonly projection: readonly PathOf[] | undefined;
  readonly update: Update | undefined;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** Reads the expressions of a request: each text is parsed once and remembered. */
export const readExpressions = (input: ExpressionInput): Expressions => {
  const condition = conditions("ConditionExpression", input.ConditionExpression);
  const filter = conditions("FilterExpression", input.FilterExpression);
  const keyConditions = keys("KeyConditionExpression", input.KeyConditionExpression);
  const projection = projections("ProjectionExpression", input.ProjectionExpression);
  const update = updates("UpdateExpression", input.UpdateExpression);
  const all = [condition, filter, keyConditions, projection, update].filter((compiled) => compiled !== undefined);
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  checkPlaceholders(
    "ExpressionAttributeNames",
    names,
    all.map((compiled) => compiled.names),
  );
  checkPlaceholders(
    "ExpressionAttributeValues",
    values,
    all.map((compiled) => compiled.values),
  );
  return {
    condition: condition?.result,
    filter: filter?.result,
    keyConditions: keyConditions?.result,
    projection: projection?.result,
    update: update?.result,
    names: names ?? {},
    values: values ?? {},
  };
};

const checkPlaceholders = (
  parameter: string,
  given: Readonly<Record<string, unknown>> | undefined,
  used: readonly ReadonlySet<string>[],
): void => {
  for (const placeholders of used) {
    for (const name of placeholders) {
      if (given !== undefined && Object.hasOwn(given, name)) continue;
      throw invalid(`An expression uses ${name}, which is not defined in ${parameter}`);
    }
  }
  for (const name in given) {
    if (used.some((placeholders) => placeholders.has(name))) continue;
    throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${name}}`);
  }
};

/** Expressions are constants of their programs: there are few, unless somebody builds them from data. */
const remembered = 1000;

const compiler = <T>(parse: (tokens: Tokens) => T): ((kind: string, source?: string) => Compiled<T> | undefined) => {
  const cache = new Map<string, Compiled<T>>();
  return (kind, source) => {
    if (source === undefined) return undefined;
    const known = cache.get(source);
    if (known !== undefined) return known;
    const tokens = new Tokens(kind, source);
    const compiled = { result: parse(tokens), names: tokens.names, values: tokens.values };
    if (cache.size >= remembered) cache.clear();
    cache.set(source, compiled);
    return compiled;
  };
};

const parseProjection = (tokens: Tokens): readonly PathOf[] => {
  const paths = [tokens.path()];
  while (tokens.accept(",")) paths.push(tokens.path());
  tokens.end();
  return paths;
};

const parseKeyConditions = (tokens: Tokens): readonly KeyCondition[] => {
  const found = [parseKeyCondition(tokens)];
  while (tokens.accept("AND")) found.push(parseKeyCondition(tokens));
  tokens.end();
  return found;
};

const parseKeyCondition = (tokens: Tokens): KeyCondition => {
  if (tokens.accept("(")) {
    const inner = parseKeyCondition(tokens);
    tokens.expect(")");
    return inner;
  }
  if (tokens.acceptCall("begins_with")) {
    const path = tokens.path();
    tokens.expect(",");
    const values = [tokens.value()];
    tokens.expect(")");
    return { path, operator: "begins_with", values };
  }
  const path = tokens.path();
  if (tokens.accept("BETWEEN")) {
    const low = tokens.value();
    tokens.expect("AND");
    return { path, operator: "BETWEEN", values: [low, tokens.value()] };
  }
  const operator = tokens.peek();
  if (operator !== "=" && operator !== "<" && operator !== "<=" && operator !== ">" && operator !== ">=") {
    throw tokens.error();
  }
  tokens.take();
  return { path, operator, values: [tokens.value()] };
};

const conditions = compiler(parseCondition);
const keys = compiler(parseKeyConditions);
const projections = compiler(parseProjection);
const updates = compiler(parseUpdate);

/** What of an item is at these paths. */
export const project = (item: Item, paths: readonly DocumentPath[]): Item =>
  paths.reduce<Item>((result, path) => {
    const value = valueAt(item, path);
    return value === undefined ? result : graft(result, path, value);
  }, {});

const graft = (item: Item, [name, ...rest]: DocumentPath, value: AttributeValue): Item =>
  name === undefined ? item : { ...item, [name]: nest(item[name], rest, value) };

const nest = (
  old: AttributeValue | undefined,
  [part, ...rest]: DocumentPath,
  value: AttributeValue,
): AttributeValue => {
  if (part === undefined) return value;
  if (typeof part === "string") return { M: graft(old?.M ?? {}, [part, ...rest], value) };
  // Positions close up: a projected list holds only what was asked for.
  return { L: [...(old?.L ?? []), nest(undefined, rest, value)] };
};
