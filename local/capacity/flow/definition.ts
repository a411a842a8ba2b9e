import jsonata from "jsonata";
import type { AstNode } from "../../states/jsonata/ast.ts";
import { isExpression } from "../../states/template.ts";

/** A part of a definition, as it is written. */
export type Json = Readonly<Record<string, unknown>>;

export interface NamedState {
  readonly name: string;
  readonly state: Json;
  /** The Parallel or Map whose states it is one of. */
  readonly within: string | undefined;
}

/** The states of a machine or a scope, those of inner scopes after the one that they are in. */
export function* statesIn(scope: unknown, within?: string): Generator<NamedState> {
  if (!isJson(scope) || !isJson(scope.States)) return;
  for (const [name, state] of Object.entries(scope.States)) {
    if (!isJson(state)) continue;
    yield { name, state, within };
    for (const inner of scopesIn(state)) yield* statesIn(inner, name);
  }
}

/** Branches and processors. */
export const scopesIn = (state: Json): readonly unknown[] => [...listOf(state.Branches), state.ItemProcessor];

export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The expressions in a field's value. */
export function* expressionsIn(value: unknown): Generator<AstNode> {
  if (isExpression(value)) yield parsed(value);
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) yield* expressionsIn(inner);
  }
}

export const parsed = (expression: string): AstNode =>
  jsonata(expression.slice(2, -2).trim()).ast() as unknown as AstNode;
