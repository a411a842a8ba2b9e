import type { AstNode, Stage } from "./ast.ts";
import type { Compiled, Env } from "./env.ts";
import type { CompileNode } from "./not-compilable.ts";
import { notCompilable } from "./not-compilable.ts";
import type { Marked } from "./values.ts";
import { bail, isNumeric, isObject, isSequence, lookup, sequenceOf, settle, toBoolean } from "./values.ts";

interface Step {
  readonly evaluate: Compiled;
  readonly filters: readonly Filter[];
  /** An array constructor as first step is taken as it is, not mapped over its context. */
  readonly isFirstArray: boolean;
}

type Filter = (env: Env, value: unknown) => unknown;

/** A path such as `a.b[c = 1].d`: each step maps over what the one before gave, arrays flattened in between. */
export function compilePath(node: AstNode, compileNode: CompileNode): Compiled {
  const nodes = node.steps ?? notCompilable();
  const isAbsolute = nodes[0]?.type === "variable";
  const keepsArray = node.keepSingletonArray === true;
  if (node.keepArray === true && !keepsArray) return notCompilable();
  const steps = nodes.map((step, index) => compileStep(step, index === 0, compileNode));
  const general: Compiled = (env, input) => {
    let values: readonly unknown[] = Array.isArray(input) && !isAbsolute ? input : [input];
    for (const [index, step] of steps.entries()) {
      if (step.isFirstArray) values = arrayOf(step.evaluate(env, values));
      else values = mapStep(step, values, env, index === steps.length - 1);
      if (values.length === 0) break;
    }
    return keepsArray ? kept(values) : values;
  };
  return keepsArray ? general : (compileFieldPath(nodes, general, compileNode) ?? general);
}

const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : bail());

/** `a.b[]`: stays an array also when it has one item. */
function kept(values: readonly unknown[]): unknown {
  const isCons = (values as Marked).cons === true && !isSequence(values);
  const sequence: unknown = isCons ? sequenceOf(values) : values;
  if (isSequence(sequence)) sequence.keepSingleton = true;
  return sequence;
}

/** The common case, fields of objects only; anything with an array on the way goes the general way. */
function compileFieldPath(
  nodes: readonly AstNode[],
  general: Compiled,
  compileNode: CompileNode,
): Compiled | undefined {
  const [first, ...rest] = nodes;
  const isField = (node: AstNode): boolean => node.type === "name" && node.stages === undefined;
  if (first === undefined || first.stages !== undefined || first.predicate !== undefined) return undefined;
  if (!(first.type === "variable" || first.type === "name") || !rest.every(isField)) return undefined;
  const start = compileNode(first);
  const names = rest.map((node) => String(node.value));
  return (env, input) => {
    if (Array.isArray(input)) return general(env, input);
    let value = start(env, input);
    for (const name of names) {
      if (isObject(value)) value = Object.hasOwn(value, name) ? value[name] : undefined;
      else return Array.isArray(value) ? general(env, input) : undefined;
    }
    return isSequence(value) ? general(env, input) : value;
  };
}

function compileStep(node: AstNode, isFirst: boolean, compileNode: CompileNode): Step {
  const isPlain = node.tuple === undefined && node.focus === undefined && node.index === undefined;
  if (!isPlain || node.ancestor !== undefined || node.type === "sort") return notCompilable();
  return {
    evaluate: node.type === "name" ? compileName(node) : compileNode(node),
    filters: (node.stages ?? []).map((stage) => filter(stage, compileNode)),
    isFirstArray: isFirst && node.consarray === true,
  };
}

function compileName(node: AstNode): Compiled {
  if (node.predicate !== undefined || node.group !== undefined) return notCompilable();
  const name = String(node.value);
  const keepsArray = node.keepArray === true;
  return (_env, input) => (keepsArray && Array.isArray(input) ? bail() : settle(lookup(input, name)));
}

function mapStep(step: Step, values: readonly unknown[], env: Env, isLast: boolean): readonly unknown[] {
  const results: unknown[] = [];
  for (const value of values) {
    let result = step.evaluate(env, value);
    for (const apply of step.filters) result = apply(env, result);
    if (result !== undefined) results.push(result);
  }
  const [only] = results;
  if (isLast && results.length === 1 && Array.isArray(only) && !isSequence(only)) return only as unknown[];
  return flattened(results);
}

function flattened(results: readonly unknown[]): Marked {
  const flat = sequenceOf();
  for (const result of results) {
    if (!Array.isArray(result) || (result as Marked).cons === true) flat.push(result);
    else for (const item of result as unknown[]) flat.push(item);
  }
  return flat;
}

/** A node's predicate: `value[…]`. */
export function compileFilter(stage: Stage, inner: Compiled, compileNode: CompileNode): Compiled {
  const apply = filter(stage, compileNode);
  return (env, input) => apply(env, inner(env, input));
}

function filter(stage: Stage, compileNode: CompileNode): Filter {
  const predicate = stage.type === "filter" && stage.expr !== undefined ? stage.expr : notCompilable();
  if (predicate.type === "number") {
    const index = Math.floor(Number(predicate.value));
    return (_env, value) => itemAt(Array.isArray(value) ? value : [value], index);
  }
  const matches = compileNode(predicate);
  return (env, value) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const selected = sequenceOf();
    for (const [index, item] of items.entries()) {
      const result = matches(env, item);
      for (let times = selections(result, index, items.length); times > 0; times--) selected.push(item);
    }
    return selected;
  };
}

function itemAt(items: readonly unknown[], index: number): unknown {
  const item = items[index < 0 ? items.length + index : index];
  if (Array.isArray(item)) return item;
  return item === undefined ? sequenceOf() : sequenceOf(item);
}

/** How often an item is selected: by its position where the predicate gives numbers, else by the predicate's truth. */
function selections(result: unknown, index: number, length: number): number {
  const positions: unknown[] | undefined = Array.isArray(result) ? result : isNumeric(result) ? [result] : undefined;
  if (positions?.every((position) => isNumeric(position)) !== true) return toBoolean(result) ? 1 : 0;
  return positions.filter((position) => {
    const at = Math.floor(position);
    return (at < 0 ? length + at : at) === index;
  }).length;
}
