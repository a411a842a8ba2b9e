import type { AstNode } from "../../states/jsonata/ast.ts";
import { anyOf, either, fieldOf, madeFrom, objectOf, type Shape } from "./size-shapes.ts";

/** An expression does with the size what only the very size can answer. */
export class TellsApart extends Error {}

/** What an expression sees. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Shape>;
  /** `$`, and what names are fields of. */
  readonly context: Shape;
  /** Hears of numbers that the size is compared with. */
  readonly onLiteral: (value: number) => void;
}

/** Always defined for values of one type, so that no size makes them fail. */
const TOTAL = new Set(
  (
    "string join merge append floor ceil round abs min max sum average lowercase uppercase trim length substring pad " +
    "base64encode spread reverse zip lookup"
  ).split(" "),
);

/** They ask what never depends on the size. */
const STRUCTURAL = new Set(["exists", "type", "count", "keys"]);

const COMPARISONS = new Set(["=", "!=", "<", "<=", ">", ">="]);

/** Where the result of an expression has the size in it. Throws TellsApart. */
export function shapeOfExpression(node: AstNode, scope: Scope): Shape {
  let shape = shapeOfCore(node, scope);
  for (const { expr } of [...(node.predicate ?? []), ...(node.type === "path" ? [] : (node.stages ?? []))]) {
    if (expr !== undefined) mustBeClean(expr, { ...scope, context: shape });
  }
  if (node.group !== undefined && shape !== "clean") throw new TellsApart("groups");
  if (node.focus !== undefined || node.index !== undefined || node.tuple !== undefined) shape = onlyClean(shape);
  return shape;
}

function shapeOfCore(node: AstNode, scope: Scope): Shape {
  const of = (inner: AstNode | undefined): Shape => (inner === undefined ? "clean" : shapeOfExpression(inner, scope));
  switch (node.type) {
    case "string":
    case "number":
    case "value":
    case "regex":
      return "clean";
    case "name":
      return fieldOf(scope.context, String(node.value));
    case "variable":
      return node.value === "" ? scope.context : (scope.variables.get(String(node.value)) ?? "clean");
    case "wildcard":
    case "descendant":
    case "parent":
      return madeFrom([scope.context]);
    case "sort":
      for (const { expression } of node.terms ?? []) mustBeClean(expression, scope);
      return scope.context;
    case "path":
      return shapeOfPath(node.steps ?? [], scope);
    case "binary":
      return shapeOfBinary(String(node.value), node.lhs, node.rhs, scope);
    case "unary":
      return shapeOfUnary(node, scope);
    case "condition":
      mustBeClean(node.condition, scope);
      return either(of(node.then), of(node.else));
    case "block":
      return shapeOfBlock(node.expressions ?? [], scope);
    case "lambda":
      return node.thunk === true ? of(node.body) : onlyClean(of(node.body));
    case "function":
      return shapeOfCall(node, [], scope);
    case "apply":
      return node.rhs?.type === "function" && !isPairs(node.lhs)
        ? shapeOfCall(node.rhs, [of(node.lhs)], scope)
        : onlyClean(either(isPairs(node.lhs) ? "mixed" : of(node.lhs), of(node.rhs)));
    default:
      throw new TellsApart(`an expression of the kind ${node.type}`);
  }
}

function shapeOfPath(steps: readonly AstNode[], scope: Scope): Shape {
  let context = scope.context;
  for (const [index, step] of steps.entries()) {
    // The first step of a path may be a variable, which does not look at what is before it.
    context = shapeOfExpression(step, index === 0 ? scope : { ...scope, context });
    for (const { expr } of step.stages ?? []) if (expr !== undefined) mustBeClean(expr, { ...scope, context });
  }
  return context;
}

type Operand = AstNode["lhs"];

function shapeOfBinary(operator: string, lhs: Operand, rhs: AstNode | undefined, scope: Scope): Shape {
  if (isPairs(lhs) || lhs === undefined || rhs === undefined) throw new TellsApart(`the operator ${operator}`);
  const [left, right] = [shapeOfExpression(lhs, scope), shapeOfExpression(rhs, scope)];
  if (left === "clean" && right === "clean") return "clean";
  if (COMPARISONS.has(operator)) {
    const literal = left === "size" ? literalOf(rhs) : right === "size" ? literalOf(lhs) : undefined;
    if (literal === undefined) throw new TellsApart(`a comparison, ${operator}, with what is not a number`);
    scope.onLiteral(literal);
    return "clean";
  }
  const isDefined = ["&", "+", "-", "*"].includes(operator) || (operator === "/" && (literalOf(rhs) ?? 0) !== 0);
  if (!isDefined) throw new TellsApart(`the operator ${operator}`);
  return "mixed";
}

/** The number that an expression of numbers alone is. */
function literalOf(node: AstNode): number | undefined {
  if (node.type === "number" && typeof node.value === "number") return node.value;
  if (node.type === "block" && node.expressions?.length === 1) {
    const [only] = node.expressions;
    return only === undefined ? undefined : literalOf(only);
  }
  if (node.type !== "binary" || isPairs(node.lhs) || node.lhs === undefined || node.rhs === undefined) return undefined;
  const [left, right] = [literalOf(node.lhs), literalOf(node.rhs)];
  return left !== undefined && right !== undefined && node.value === "*" ? left * right : undefined;
}

function shapeOfUnary(node: AstNode, scope: Scope): Shape {
  if (node.value === "[") return anyOf((node.expressions ?? []).map((item) => shapeOfExpression(item, scope)));
  if (node.value !== "{")
    return madeFrom(node.expression === undefined ? [] : [shapeOfExpression(node.expression, scope)]);
  const fields = (isPairs(node.lhs) ? node.lhs : []).map(([key, value]) => {
    mustBeClean(key, scope);
    return [key.type === "string" ? String(key.value) : undefined, shapeOfExpression(value, scope)] as const;
  });
  const known = fields.flatMap(([name, shape]) => (name === undefined ? [] : [[name, shape] as const]));
  return known.length === fields.length ? objectOf(known) : madeFrom(fields.map(([, shape]) => shape));
}

function shapeOfBlock(expressions: readonly AstNode[], scope: Scope): Shape {
  const variables = new Map(scope.variables);
  let shape: Shape = "clean";
  for (const expression of expressions) {
    if (expression.type === "bind" && !isPairs(expression.lhs) && expression.rhs !== undefined) {
      shape = shapeOfExpression(expression.rhs, { ...scope, variables });
      variables.set(String(expression.lhs?.value), shape);
    } else shape = shapeOfExpression(expression, { ...scope, variables });
  }
  return shape;
}

/** They ask a function about each item or field, and give those or what it makes of them. */
const HIGHER = new Map<string, "those" | "made">([
  ["filter", "those"],
  ["sift", "those"],
  ["map", "made"],
  ["each", "made"],
]);

function shapeOfHigher(kind: "those" | "made", name: string, of: Shape, lambda: AstNode, scope: Scope): Shape {
  const item = name === "sift" || name === "each" ? anyField(of) : of;
  const variables = new Map(scope.variables);
  // The item, its key or index, and all of them.
  const given: readonly Shape[] = [item, "clean", of];
  for (const [index, { value }] of (lambda.arguments ?? []).entries()) {
    variables.set(String(value), given[index] ?? "clean");
  }
  const inner = { ...scope, variables };
  const body = lambda.body === undefined ? "clean" : shapeOfExpression(lambda.body, inner);
  return kind === "those" ? either(onlyClean(body), of) : body;
}

const anyField = (shape: Shape): Shape => (typeof shape === "string" ? shape : anyOf([...shape.fields.values()]));

function shapeOfCall(node: AstNode, first: readonly Shape[], scope: Scope): Shape {
  const [higher, lambda] = [HIGHER.get(nameOf(node)), node.arguments?.at(-1)];
  if (higher !== undefined && lambda?.type === "lambda" && !scope.variables.has(nameOf(node))) {
    const [collection] = node.arguments ?? [];
    const of = first[0] ?? (collection === undefined ? "clean" : shapeOfExpression(collection, scope));
    return shapeOfHigher(higher, nameOf(node), of, lambda, scope);
  }
  const shapes = [...first, ...(node.arguments ?? []).map((argument) => shapeOfExpression(argument, scope))];
  const name = nameOf(node);
  // Some functions take what is around them where an argument is missing.
  if (shapes.length === 0) shapes.push(scope.context);
  if (shapes.every((shape) => shape === "clean")) return "clean";
  if (scope.variables.has(name)) throw new TellsApart(`the function $${name}`);
  if (STRUCTURAL.has(name)) return "clean";
  if (name === "merge" || name === "append") return anyOf(shapes);
  if (TOTAL.has(name)) return "mixed";
  throw new TellsApart(`the function $${name}`);
}

const nameOf = ({ procedure }: AstNode): string => (procedure?.type === "variable" ? String(procedure.value) : "");

/** A condition, or what else decides how it goes on. */
export function mustBeClean(node: AstNode | undefined, scope: Scope): void {
  if (node !== undefined) onlyClean(shapeOfExpression(node, scope));
}

function onlyClean(shape: Shape): Shape {
  if (shape !== "clean") throw new TellsApart("what decides on the course");
  return shape;
}

const isPairs = (node: Operand): node is readonly (readonly [AstNode, AstNode])[] => Array.isArray(node);
