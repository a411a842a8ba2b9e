import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers, subtractNumbers } from "./dynamodb-numbers.ts";
import { type DocumentPath, invalid, type PathOf, type Scope, type Tokens, valueAt } from "./dynamodb-tokens.ts";
import { addValues, type Item, removeMembers } from "./dynamodb-values.ts";

/** Evaluates an update: the new item, and the paths that it wrote. */
export type Update = (scope: Scope) => { readonly item: Item; readonly paths: readonly DocumentPath[] };

/** One action; undefined takes the attribute away. */
interface Action {
  readonly path: PathOf;
  readonly value: (scope: Scope, old: AttributeValue | undefined) => AttributeValue | undefined;
}

/** Reads an update expression: each of SET, REMOVE, ADD and DELETE at most once. */
export const parseUpdate = (tokens: Tokens): Update => {
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (!tokens.atEnd) {
    const section = tokens.peek().toUpperCase();
    const parse = Object.hasOwn(sections, section) ? sections[section] : undefined;
    if (parse === undefined) throw tokens.error();
    if (seen.has(section)) {
      throw invalid(
        `Invalid UpdateExpression: The "${section}" section can only be used once in an update expression;`,
      );
    }
    seen.add(section);
    tokens.take();
    do actions.push(parse(tokens));
    while (tokens.accept(","));
  }
  return (scope) => evaluate(actions, scope);
};

/** All values are those before the update. */
const evaluate = (actions: readonly Action[], scope: Scope): ReturnType<Update> => {
  const changes = actions.map(({ path, value }) => {
    const at = path(scope);
    return { path: at, value: value(scope, valueAt(scope.item, at)) };
  });
  const paths = changes.map(({ path }) => path);
  checkOverlap(paths);
  // Positions taken out of a list go last to first, so that those before keep their numbers.
  const removals = changes.filter(({ value }) => value === undefined).sort((a, b) => compareEnds(b.path, a.path));
  let item = scope.item;
  for (const { path, value } of changes) if (value !== undefined) item = withValue(item, path, value);
  for (const { path } of removals) item = withValue(item, path, undefined);
  return { item, paths };
};

const compareEnds = (a: DocumentPath, b: DocumentPath): number => Number(a.at(-1)) - Number(b.at(-1)) || 0;

const checkOverlap = (paths: readonly DocumentPath[]): void => {
  for (const [index, path] of paths.entries()) {
    for (const other of paths.slice(index + 1)) {
      const length = Math.min(path.length, other.length);
      if (path.slice(0, length).every((part, position) => part === other[position])) {
        throw invalid(
          "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one",
        );
      }
    }
  }
};

const sections: Readonly<Record<string, (tokens: Tokens) => Action>> = {
  SET: (tokens) => {
    const path = tokens.path();
    tokens.expect("=");
    const value = parseSum(tokens);
    return {
      path,
      value: (scope) => {
        const result = value(scope);
        if (result !== undefined) return result;
        throw invalid("The provided expression refers to an attribute that does not exist in the item");
      },
    };
  },
  REMOVE: (tokens) => ({ path: tokens.path(), value: () => undefined }),
  ADD: (tokens) => {
    const [path, value] = [tokens.path(), tokens.value()];
    return { path, value: (scope, old) => addValues(old, value(scope)) };
  },
  DELETE: (tokens) => {
    const [path, value] = [tokens.path(), tokens.value()];
    return { path, value: (scope, old) => old && removeMembers(old, value(scope)) };
  },
};

type Operand = (scope: Scope) => AttributeValue | undefined;

const parseSum = (tokens: Tokens): Operand => {
  const left = parseOperand(tokens);
  const operate = tokens.accept("+") ? addNumbers : tokens.accept("-") ? subtractNumbers : undefined;
  if (operate === undefined) return left;
  const right = parseOperand(tokens);
  return (scope) => ({ N: operate(numberOf(left(scope)), numberOf(right(scope))) });
};

const numberOf = (value: AttributeValue | undefined): string => {
  if (value === undefined)
    throw invalid("The provided expression refers to an attribute that does not exist in the item");
  if (value.N !== undefined) return value.N;
  throw invalid("An operand in the update expression has an incorrect data type: a number is wanted");
};

const parseOperand = (tokens: Tokens): Operand => {
  if (tokens.peek().startsWith(":")) return tokens.value();
  if (tokens.acceptCall("if_not_exists")) {
    const path = tokens.path();
    tokens.expect(",");
    const otherwise = parseOperand(tokens);
    tokens.expect(")");
    return (scope) => valueAt(scope.item, path(scope)) ?? otherwise(scope);
  }
  if (tokens.acceptCall("list_append")) {
    const first = parseOperand(tokens);
    tokens.expect(",");
    const second = parseOperand(tokens);
    tokens.expect(")");
    return (scope) => ({ L: [...listOf(first(scope)), ...listOf(second(scope))] });
  }
  const path = tokens.path();
  return (scope) => valueAt(scope.item, path(scope));
};

const listOf = (value: AttributeValue | undefined): readonly AttributeValue[] => {
  if (value?.L !== undefined) return value.L;
  throw invalid("An operand in the update expression has an incorrect data type: list_append takes lists");
};

/** The item with another value at a path, or none. What is not on the path is shared with the old item. */
const withValue = (item: Item, path: DocumentPath, value: AttributeValue | undefined): Item => {
  const [name, ...rest] = path;
  if (typeof name !== "string") throw noPath();
  const next = rest.length === 0 ? value : inside(item[name], rest, value);
  if (next !== undefined) return { ...item, [name]: next };
  return Object.fromEntries(Object.entries(item).filter(([other]) => other !== name));
};

const inside = (
  container: AttributeValue | undefined,
  path: DocumentPath,
  value: AttributeValue | undefined,
): AttributeValue => {
  const [part, ...rest] = path;
  if (typeof part === "string" && container?.M !== undefined) return { M: withValue(container.M, path, value) };
  if (typeof part !== "number" || container?.L === undefined) throw noPath();
  const list = [...container.L];
  const next = rest.length === 0 ? value : inside(list[part], rest, value);
  // Past the end, a value is appended.
  if (next !== undefined) list.splice(Math.min(part, list.length), 1, next);
  else list.splice(part, 1);
  return { L: list };
};

const noPath = (): Error => invalid("The document path provided in the update expression is invalid for update");
