import type { AstNode } from "./ast.ts";
import { walkAst } from "./ast.ts";
import { checkArguments, findBuiltin } from "./builtins.ts";
import { compileHigherOrder, isHigherOrder, unwrapTailCall } from "./higher-order.ts";
import type { Compiled, Env } from "./env.ts";
import { withFrame } from "./env.ts";
import { compileOperator } from "./operators.ts";
import { NotCompilable, notCompilable } from "./not-compilable.ts";
import { compileFilter, compilePath } from "./path.ts";
import { bail, isNumeric, lookup, setField, settle, toBoolean } from "./values.ts";

/** Names that mean a function unless a variable hides them; as values they are left to the library. */
const LIBRARY_NAMES = new Set(
  (
    "sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad " +
    "match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs " +
    "sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse " +
    "each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl " +
    "decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis partition range hash parse uuid"
  ).split(" "),
);

/** The synchronous form of an expression; undefined where only the library can evaluate it. */
export function compile(node: AstNode): Compiled | undefined {
  try {
    return compileNode(node);
  } catch (error) {
    if (error instanceof NotCompilable) return undefined;
    throw error;
  }
}

function compileNode(node: AstNode): Compiled {
  if (node.group !== undefined || (node.keepArray === true && node.type !== "path" && node.type !== "name")) {
    return notCompilable();
  }
  let compiled = compileCore(node);
  for (const stage of node.predicate ?? []) compiled = compileFilter(stage, compiled, compileNode);
  const inner = compiled;
  return CAN_GIVE_SEQUENCES.has(node.type) || node.predicate !== undefined
    ? (env, input) => settle(inner(env, input))
    : inner;
}

const CAN_GIVE_SEQUENCES = new Set(["path", "name", "variable", "function", "apply", "binary", "lambda"]);

function compileCore(node: AstNode): Compiled {
  switch (node.type) {
    case "string":
    case "number":
    case "value":
      return () => node.value;
    case "path":
      return compilePath(node, compileNode);
    case "name":
      return (_env, input) => lookup(input, String(node.value));
    case "variable":
      return compileVariable(String(node.value));
    case "binary":
      return compileOperator(String(node.value), operand(node.lhs), operand(node.rhs)) ?? notCompilable();
    case "unary":
      return compileUnary(node);
    case "condition":
      return compileCondition(node);
    case "block":
      return compileBlock(node);
    case "bind":
      return compileBind(node);
    case "function":
      return compileCall(node, []);
    case "lambda":
      return compileNode(unwrapTailCall(node));
    case "apply":
      return compileApply(node);
    default:
      return notCompilable();
  }
}

function operand(node: AstNode["lhs"]): Compiled {
  return node === undefined || isPairs(node) ? notCompilable() : compileNode(node);
}

const isPairs = (node: NonNullable<AstNode["lhs"]>): node is readonly (readonly [AstNode, AstNode])[] =>
  Array.isArray(node);

function compileVariable(name: string): Compiled {
  if (name === "") return (_env, input) => input;
  // Step Functions evaluates without an input document, so there is nothing at the root.
  if (name === "$") return () => undefined;
  const isFunction = LIBRARY_NAMES.has(name);
  return (env) => {
    if (env.locals !== undefined && name in env.locals) return env.locals[name];
    if (name === "states") return env.states;
    if (name in env.vars) return env.vars[name];
    return isFunction ? bail() : undefined;
  };
}

const isHidden = (env: Env, name: string): boolean =>
  name in env.vars || (env.locals !== undefined && name in env.locals);

function compileUnary(node: AstNode): Compiled {
  if (node.value === "[") return compileArray(node);
  if (node.value === "{") return compileObject(node);
  const inner = operand(node.expression);
  return (env, input) => {
    const value = inner(env, input);
    if (value === undefined) return undefined;
    return isNumeric(value) ? -value : bail();
  };
}

function compileArray(node: AstNode): Compiled {
  const items = (node.expressions ?? []).map((item) => ({ nested: item.value === "[", evaluate: compileNode(item) }));
  const isCons = node.consarray === true;
  return (env, input) => {
    const result: unknown[] = [];
    for (const item of items) {
      const value = item.evaluate(env, input);
      if (value === undefined) continue;
      if (!item.nested && Array.isArray(value)) for (const inner of value as unknown[]) result.push(inner);
      else result.push(value);
    }
    if (isCons) Object.defineProperty(result, "cons", { enumerable: false, value: true });
    return result;
  };
}

function compileObject(node: AstNode): Compiled {
  const pairs = node.lhs !== undefined && isPairs(node.lhs) ? node.lhs : notCompilable();
  const fields = pairs.map(([key, value]) => ({ key: compileNode(key), value: compileNode(value) }));
  return (env, input) => {
    // An array as context would be grouped by key.
    if (Array.isArray(input)) return bail();
    const values: Record<string, unknown> = {};
    const seen = fields.length > 1 ? new Set<string>() : undefined;
    for (const field of fields) {
      const key = field.key(env, input);
      if (key === undefined) continue;
      if (typeof key !== "string" || seen?.has(key) === true || key.startsWith("_jsonata_")) return bail();
      seen?.add(key);
      const value = field.value(env, input);
      if (value !== undefined) setField(values, key, value);
    }
    return values;
  };
}

function compileCondition(node: AstNode): Compiled {
  const condition = operand(node.condition);
  const then = operand(node.then);
  const otherwise = node.else === undefined ? undefined : compileNode(node.else);
  const isTrue = compileTruth(condition);
  return (env, input) => (isTrue(env, input) ? then(env, input) : otherwise?.(env, input));
}

const compileTruth =
  (condition: Compiled): ((env: Env, input: unknown) => boolean) =>
  (env, input) => {
    const value = condition(env, input);
    return typeof value === "boolean" ? value : toBoolean(value);
  };

function compileBlock(node: AstNode): Compiled {
  const nodes = node.expressions ?? [];
  const expressions = nodes.map((expression) => compileNode(expression));
  const isFrame = [...walkAst(nodes)].some((inner) => inner.type === "bind");
  return (env, input) => {
    const inner = isFrame ? withFrame(env) : env;
    let result: unknown;
    for (const evaluate of expressions) result = evaluate(inner, input);
    return result;
  };
}

function compileBind(node: AstNode): Compiled {
  const name = node.lhs !== undefined && !isPairs(node.lhs) ? String(node.lhs.value) : notCompilable();
  const evaluate = operand(node.rhs);
  return (env, input) => {
    const value = evaluate(env, input);
    if (env.locals === undefined) return bail();
    env.locals[name] = value;
    return value;
  };
}

/** A call by name. `first` are arguments that come before the written ones, as `~>` gives them. */
function compileCall(node: AstNode, first: readonly Compiled[]): Compiled {
  const name = node.procedure?.type === "variable" ? String(node.procedure.value) : notCompilable();
  if (node.procedure?.predicate !== undefined) return notCompilable();
  const written = node.arguments ?? [];
  if (isHigherOrder(name)) {
    const call = compileHigherOrder(name, first, written, compileNode);
    return (env, input) => (isHidden(env, name) ? bail() : call(env, input));
  }
  const builtin = findBuiltin(name) ?? notCompilable();
  const args = [...first, ...written.map((arg) => compileNode(arg))];
  if (args.length < builtin.required || args.length > builtin.parameters.length) return notCompilable();
  return (env, input) => {
    if (isHidden(env, name)) return bail();
    return builtin.run(
      checkArguments(
        builtin,
        args.map((arg) => arg(env, input)),
      ),
      env,
    );
  };
}

function compileApply(node: AstNode): Compiled {
  if (node.rhs?.type !== "function" || node.rhs.predicate !== undefined) return notCompilable();
  return compileCall(node.rhs, [operand(node.lhs)]);
}
