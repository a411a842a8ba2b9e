import jsonata from "jsonata";
import type { AstNode } from "./ast.ts";
import { walkAst } from "./ast.ts";
import { compile } from "./compile.ts";
import type { Compiled, Env } from "./env.ts";
import { EXTRAS } from "./extras.ts";
import { NotJson, toPlain } from "./plain.ts";
import { BAIL } from "./values.ts";

/** Returned by `tryFast` where only `evaluate` can tell. */
export const SLOW: unique symbol = Symbol("slow");

/** An expression that does not parse, or that uses what Step Functions does not have. */
export class ExpressionSyntaxError extends Error {}

/** An evaluation that failed, in the words of JSONata. */
export class EvaluationError extends Error {}

/**
 * A JSONata expression. Most evaluate in a compiled, synchronous form; the rest, and all that fail, in the library, which
 * alone decides what an expression means and what is wrong with it.
 */
export class Expression {
  readonly source: string;
  readonly #library: jsonata.Expression;
  readonly #compiled: Compiled | undefined;

  constructor(source: string) {
    this.source = source;
    this.#library = parse(source);
    const ast = this.#library.ast() as unknown as AstNode;
    checkFeatures(source, ast);
    this.#compiled = compile(ast);
  }

  /** Whether the expression has a compiled form. */
  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The result as plain JSON, or SLOW. */
  tryFast(env: Env): unknown {
    if (this.#compiled === undefined) return SLOW;
    try {
      return toPlain(this.#compiled(env, undefined));
    } catch (error) {
      // Too deep a recursion is the library's to report, too.
      if (error === BAIL || error instanceof NotJson || error instanceof RangeError) return SLOW;
      throw error;
    }
  }

  /** The result as plain JSON, from the library. Throws EvaluationError. */
  async evaluate(env: Env): Promise<unknown> {
    let result: unknown;
    try {
      result = await this.#library.evaluate(undefined, bindings(env));
    } catch (error) {
      throw new EvaluationError(describe(error));
    }
    try {
      return toPlain(result);
    } catch (error) {
      if (error instanceof NotJson) throw new EvaluationError(`it gave ${error.message}`);
      throw error;
    }
  }
}

function parse(source: string): jsonata.Expression {
  try {
    return jsonata(source);
  } catch (error) {
    throw new ExpressionSyntaxError(describe(error));
  }
}

/** The library is newer than the JSONata 2.0.6 of Step Functions, and has $eval. */
function checkFeatures(source: string, ast: AstNode): void {
  const nodes = [...walkAst(ast)];
  if (nodes.some((node) => node.type === "variable" && node.value === "eval")) {
    throw new ExpressionSyntaxError("$eval is not available in Step Functions: use $parse");
  }
  if (nodes.some((node) => node.type === "regex")) return;
  const code = source.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|`[^`]*`|\/\*.*?\*\//gs, '""');
  const newer = /\?\?|\?:/.exec(code)?.[0];
  if (newer !== undefined) {
    throw new ExpressionSyntaxError(`the operator ${newer} is newer than the JSONata 2.0.6 of Step Functions`);
  }
}

function describe(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? `${error.code}: ` : "";
  const position = "position" in error && typeof error.position === "number" ? ` (at character ${error.position})` : "";
  return `${code}${String(error.message)}${position}`;
}

const fromMillis = jsonata("$fromMillis($millis, $picture, $timezone)");

/** The environment as the library takes it: time and chance from the host, not from the process. */
function bindings(env: Env): Record<string, unknown> {
  const all: Record<string, unknown> = {
    now: (picture?: string, timezone?: string) =>
      fromMillis.evaluate(undefined, { millis: env.now, picture, timezone }),
    millis: () => env.now,
  };
  for (const [name, extra] of Object.entries(EXTRAS)) {
    all[name] = (...args: unknown[]) => extra?.(env.random, ...args);
  }
  // Outer scopes' variables are inherited: a spread would miss them.
  for (const name in env.vars) all[name] = env.vars[name];
  all.states = env.states;
  return all;
}
