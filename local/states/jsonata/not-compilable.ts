import type { AstNode } from "./ast.ts";
import type { Compiled } from "./env.ts";

/** Thrown while compiling a node that only the library can evaluate. */
export class NotCompilable extends Error {}

export function notCompilable(): never {
  throw new NotCompilable();
}

/** The compiler itself, handed to the parts that compile nodes within nodes. */
export type CompileNode = (node: AstNode) => Compiled;
