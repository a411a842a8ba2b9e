import type { AstNode } from "./ast.ts";
import type { Compiled, Env } from "./env.ts";
import { withFrame } from "./env.ts";
import type { CompileNode } from "./not-compilable.ts";
import { notCompilable } from "./not-compilable.ts";
import { sequenceOf, toBoolean } from "./values.ts";

type Apply = (env: Env, input: unknown, args: readonly unknown[]) => unknown;

interface Lambda {
  readonly arity: number;
  readonly apply: Apply;
}

type HigherOrder = (items: readonly unknown[], lambda: (...args: unknown[]) => unknown, initial: unknown) => unknown;

const HIGHER_ORDER: Readonly<Record<string, HigherOrder>> = {
  map: (items, lambda) => {
    const results = sequenceOf();
    items.forEach((item, index) => {
      const result = lambda(item, index, items);
      if (result !== undefined) results.push(result);
    });
    return results;
  },
  filter: (items, lambda) => sequenceOf(...items.filter((item, index) => toBoolean(lambda(item, index, items)))),
  reduce: (items, lambda, initial) => {
    const startsWithFirst = initial === undefined && items.length > 0;
    let result = startsWithFirst ? items[0] : initial;
    for (let index = startsWithFirst ? 1 : 0; index < items.length; index++) {
      result = lambda(result, items[index], index, items);
    }
    return result;
  },
};

export const isHigherOrder = (name: string): boolean => Object.hasOwn(HIGHER_ORDER, name);

/** `$map`, `$filter` and `$reduce` with a function that is written in place. */
export function compileHigherOrder(
  name: string,
  first: readonly Compiled[],
  written: readonly AstNode[],
  compileNode: CompileNode,
): Compiled {
  const run = HIGHER_ORDER[name] ?? notCompilable();
  const position = first.length === 0 ? 1 : 0;
  const lambda = compileLambda(written[position] ?? notCompilable(), compileNode);
  if (written.length > (name === "reduce" ? position + 2 : position + 1)) return notCompilable();
  if (name === "reduce" && lambda.arity < 2) return notCompilable();
  const items = first[0] ?? compileNode(written[0] ?? notCompilable());
  const initialNode = written[position + 1];
  const initial = initialNode === undefined ? undefined : compileNode(initialNode);
  return (env, input) => {
    const value = items(env, input);
    const start = initial?.(env, input);
    if (value === undefined) return undefined;
    return run(Array.isArray(value) ? value : [value], (...args) => lambda.apply(env, input, args), start);
  };
}

function compileLambda(node: AstNode, compileNode: CompileNode): Lambda {
  const isPlain = node.type === "lambda" && node.thunk !== true && node.signature === undefined;
  if (!isPlain || node.predicate !== undefined) return notCompilable();
  const names = (node.arguments ?? []).map((parameter) => String(parameter.value));
  const body = compileNode(node.body ?? notCompilable());
  return {
    arity: names.length,
    apply: (env, input, args) => {
      const frame = withFrame(env);
      names.forEach((name, index) => {
        frame.locals[name] = args[index];
      });
      return body(frame, input);
    },
  };
}

/**
 * The parser marks a call at the end of a function's body for the library's loop of tail calls. Called directly it gives
 * the same, except that a call that gives a sequence would be settled too early: those are left to the library.
 */
export function unwrapTailCall(node: AstNode): AstNode {
  const call = node.thunk === true && node.body !== undefined ? node.body : notCompilable();
  const name = call.procedure?.value;
  return typeof name === "string" && !GIVES_SEQUENCES.has(name) ? call : notCompilable();
}

const GIVES_SEQUENCES = new Set(["map", "filter", "reduce", "keys", "lookup", "append", "reverse"]);
