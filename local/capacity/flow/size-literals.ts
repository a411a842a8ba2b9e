import type { AstNode } from "../../states/jsonata/ast.ts";
import { isExpression } from "../../states/template.ts";
import { isJson, type Json, listOf, parsed, statesIn } from "./definition.ts";
import { mustBeClean, type Scope, shapeOfExpression, TellsApart } from "./size-expressions.ts";
import { anyOf, cut, either, isSame, objectOf, type Shape, shapeOf } from "./size-shapes.ts";

/** With which numbers a definition compares the size; undefined: its course may depend on it in other ways. */
export function literalsOf(definition: unknown, input: (bytes: number) => unknown): ReadonlySet<number> | undefined {
  const way = new SizeWays(shapeOf(input));
  try {
    do way.settle(definition);
    while (!way.isSettled);
    return way.literals;
  } catch (error) {
    if (error instanceof TellsApart) return undefined;
    throw error;
  }
}

/** The ways that the size takes through a definition: into what variables and inputs it gets, whatever its course is. */
class SizeWays {
  readonly literals = new Set<number>();
  /** Whether the last round found nothing new. */
  isSettled = false;
  readonly #start: Shape;
  /** Inputs of states by name, results of those that have states inside, likewise, and variables. */
  readonly #inputs = new Map<string, Shape>();
  readonly #results = new Map<string, Shape>();
  /** Of failures of states that have states inside, by name. */
  readonly #causes = new Map<string, Shape>();
  readonly #variables = new Map<string, Shape>();
  /** Of all Maps together. */
  readonly #items = new Map<"all", Shape>();
  readonly #asts = new Map<string, AstNode>();

  constructor(start: Shape) {
    this.#start = start;
  }

  settle(definition: unknown): void {
    this.isSettled = true;
    if (!isJson(definition)) return;
    this.#feed(this.#inputs, definition.StartAt, this.#start);
    for (const { name, state, within } of statesIn(definition)) this.#visit(name, state, within);
  }

  #visit(name: string, state: Json, within: string | undefined): void {
    const input = this.#inputs.get(name) ?? "clean";
    // What a Task gives is known, whatever the size is; what branches give is what their states give.
    const result = this.#results.get(name) ?? "clean";
    const errorOutput = objectOf([["Cause", this.#causes.get(name) ?? "clean"]]);
    const scope = this.#scopeOf({ input, result, errorOutput });
    const given = state.Arguments === undefined ? input : this.#shapeOf(state.Arguments, scope);
    for (const branch of listOf(state.Branches)) this.#feed(this.#inputs, branch.StartAt, given);
    if (isJson(state.ItemProcessor)) {
      const items = state.Items === undefined ? input : this.#shapeOf(state.Items, scope);
      this.#feed(this.#items, "all", items);
      const selected = state.ItemSelector === undefined ? items : this.#shapeOf(state.ItemSelector, scope);
      this.#feed(this.#inputs, state.ItemProcessor.StartAt, selected);
    }
    for (const field of DECISIVE) this.#mustBeClean(state[field], scope);
    const cause = either(this.#causes.get(name) ?? "clean", this.#shapeOf(state.Cause, scope));
    if (within !== undefined) this.#feed(this.#causes, within, cause);
    const isPassedOn = state.Type !== "Task" && state.Type !== "Parallel" && state.Type !== "Map";
    const leave = (ending: Json, otherwise: Shape): void => {
      const { Output, Next } = ending;
      const output = Output === undefined ? otherwise : this.#shapeOf(Output, scope);
      if (Next !== undefined) this.#feed(this.#inputs, Next, output);
      else if (within !== undefined) this.#feed(this.#results, within, output);
      for (const [variable, value] of Object.entries(isJson(ending.Assign) ? ending.Assign : {})) {
        this.#feed(this.#variables, variable, this.#shapeOf(value, scope));
      }
    };
    leave(state.Type === "Choice" ? { ...state, Next: state.Default } : state, isPassedOn ? input : result);
    for (const rule of listOf(state.Choices)) {
      this.#mustBeClean(rule.Condition, scope);
      leave(rule, input);
    }
    for (const catcher of listOf(state.Catch)) leave(catcher, errorOutput);
  }

  /** Into a variable, an input or a result. */
  #feed<Name>(into: Map<Name, Shape>, name: unknown, shape: Shape): void {
    const before = into.get(name as Name) ?? "clean";
    const after = cut(either(before, shape));
    if (isSame(before, after)) return;
    into.set(name as Name, after);
    this.isSettled = false;
  }

  #scopeOf(states: Readonly<Record<string, Shape>>): Scope {
    const context = objectOf([
      ["Execution", objectOf([["Input", this.#start]])],
      ["Map", objectOf([["Item", objectOf([["Value", this.#items.get("all") ?? "clean"]])]])],
    ]);
    const variables = new Map(this.#variables);
    variables.set("states", objectOf([...Object.entries(states), ["context", context]]));
    const onLiteral = (value: number): void => void this.literals.add(value);
    return { variables, context: "clean", onLiteral };
  }

  /** Of a field's value in a definition. */
  #shapeOf(value: unknown, scope: Scope): Shape {
    if (isExpression(value)) return shapeOfExpression(this.#parsed(value), scope);
    if (Array.isArray(value)) return anyOf(value.map((item) => this.#shapeOf(item, scope)));
    if (!isJson(value)) return "clean";
    return objectOf(Object.entries(value).map(([name, inner]) => [name, this.#shapeOf(inner, scope)]));
  }

  #mustBeClean(value: unknown, scope: Scope): void {
    if (isExpression(value)) mustBeClean(this.#parsed(value), scope);
  }

  #parsed(expression: string): AstNode {
    const known = this.#asts.get(expression);
    if (known !== undefined) return known;
    const ast = parsed(expression);
    this.#asts.set(expression, ast);
    return ast;
  }
}

/** Fields that decide on the course, beside conditions. */
const DECISIVE = ["Seconds", "Timestamp", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "Error"];
