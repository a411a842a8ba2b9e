import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid, type Scope, type Tokens, valueAt } from "./dynamodb-tokens.ts";
import { compareValues, equalValues, setMembers, typeOf } from "./dynamodb-values.ts";

export type Condition = (scope: Scope) => boolean;
type Operand = (scope: Scope) => AttributeValue | undefined;

/** Reads a condition or filter expression. */
export const parseCondition = (tokens: Tokens): Condition => {
  const condition = parseOr(tokens);
  tokens.end();
  return condition;
};

const parseOr = (tokens: Tokens): Condition => {
  let left = parseAnd(tokens);
  while (tokens.accept("OR")) {
    const [first, second] = [left, parseAnd(tokens)];
    left = (scope) => first(scope) || second(scope);
  }
  return left;
};

const parseAnd = (tokens: Tokens): Condition => {
  let left = parseNot(tokens);
  while (tokens.accept("AND")) {
    const [first, second] = [left, parseNot(tokens)];
    left = (scope) => first(scope) && second(scope);
  }
  return left;
};

const parseNot = (tokens: Tokens): Condition => {
  if (tokens.accept("NOT")) {
    const negated = parseNot(tokens);
    return (scope) => !negated(scope);
  }
  if (!tokens.accept("(")) return parseFunction(tokens) ?? parseComparison(tokens);
  const inner = parseOr(tokens);
  tokens.expect(")");
  return inner;
};

const parseFunction = (tokens: Tokens): Condition | undefined => {
  for (const [name, parse] of functions) {
    if (!tokens.acceptCall(name)) continue;
    const condition = parse(tokens);
    tokens.expect(")");
    return condition;
  }
  return undefined;
};

const functions: readonly (readonly [string, (tokens: Tokens) => Condition])[] = [
  [
    "attribute_exists",
    (tokens) => {
      const path = tokens.path();
      return (scope) => valueAt(scope.item, path(scope)) !== undefined;
    },
  ],
  [
    "attribute_not_exists",
    (tokens) => {
      const path = tokens.path();
      return (scope) => valueAt(scope.item, path(scope)) === undefined;
    },
  ],
  ["attribute_type", (tokens) => binary(tokens, (value, type) => typeOf(value) === type.S)],
  ["begins_with", (tokens) => binary(tokens, beginsWith)],
  ["contains", (tokens) => binary(tokens, contains)],
];

const binary = (tokens: Tokens, test: (value: AttributeValue, wanted: AttributeValue) => boolean): Condition => {
  const left = parseOperand(tokens);
  tokens.expect(",");
  const right = parseOperand(tokens);
  return (scope) => {
    const [value, wanted] = [left(scope), right(scope)];
    return value !== undefined && wanted !== undefined && test(value, wanted);
  };
};

const beginsWith = (value: AttributeValue, prefix: AttributeValue): boolean => {
  if (prefix.S === undefined && prefix.B === undefined) {
    throw invalid(`Incorrect operand type for operator or function: begins_with, operand type: ${typeOf(prefix)}`);
  }
  if (value.S !== undefined && prefix.S !== undefined) return value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined) return false;
  return Buffer.from(value.B).subarray(0, prefix.B.byteLength).equals(prefix.B);
};

const contains = (value: AttributeValue, wanted: AttributeValue): boolean => {
  if (value.S !== undefined) return wanted.S !== undefined && value.S.includes(wanted.S);
  return (value.L ?? setMembers(value) ?? []).some((member) => equalValues(member, wanted));
};

const parseComparison = (tokens: Tokens): Condition => {
  const left = parseOperand(tokens);
  if (tokens.accept("BETWEEN")) {
    const low = parseOperand(tokens);
    tokens.expect("AND");
    const high = parseOperand(tokens);
    return (scope) =>
      ordered(low(scope), left(scope), (order) => order <= 0) &&
      ordered(left(scope), high(scope), (order) => order <= 0);
  }
  if (tokens.accept("IN")) {
    const candidates = parseList(tokens);
    return (scope) => candidates.some((candidate) => equal(left(scope), candidate(scope)));
  }
  const compare = comparators[tokens.peek()];
  if (compare === undefined) throw tokens.error();
  tokens.take();
  const right = parseOperand(tokens);
  return (scope) => compare(left(scope), right(scope));
};

const parseList = (tokens: Tokens): readonly Operand[] => {
  tokens.expect("(");
  const operands = [parseOperand(tokens)];
  while (tokens.accept(",")) operands.push(parseOperand(tokens));
  tokens.expect(")");
  return operands;
};

type Compare = (a: AttributeValue | undefined, b: AttributeValue | undefined) => boolean;

const equal: Compare = (a, b) => a !== undefined && b !== undefined && equalValues(a, b);

const ordered = (
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
  test: (order: number) => boolean,
): boolean => {
  const order = a === undefined || b === undefined ? undefined : compareValues(a, b);
  return order !== undefined && test(order);
};

const comparators: Readonly<Record<string, Compare>> = {
  "=": equal,
  "<>": (a, b) => !equal(a, b),
  "<": (a, b) => ordered(a, b, (order) => order < 0),
  "<=": (a, b) => ordered(a, b, (order) => order <= 0),
  ">": (a, b) => ordered(a, b, (order) => order > 0),
  ">=": (a, b) => ordered(a, b, (order) => order >= 0),
};

const parseOperand = (tokens: Tokens): Operand => {
  if (tokens.peek().startsWith(":")) return tokens.value();
  if (tokens.acceptCall("size")) {
    const path = tokens.path();
    tokens.expect(")");
    return (scope) => sizeOf(valueAt(scope.item, path(scope)));
  }
  const path = tokens.path();
  return (scope) => valueAt(scope.item, path(scope));
};

/** Characters of a text, bytes of a binary, members of a list, map or set. */
const sizeOf = (value: AttributeValue | undefined): AttributeValue | undefined => {
  const members = value && (value.L ?? setMembers(value) ?? (value.M && Object.keys(value.M)));
  const size = members?.length ?? value?.S?.length ?? value?.B?.byteLength;
  return size === undefined ? undefined : { N: String(size) };
};
