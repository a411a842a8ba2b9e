import { QueryError } from "./errors.ts";
import type { Env } from "./jsonata/env.ts";
import { EvaluationError, Expression, ExpressionSyntaxError, SLOW } from "./jsonata/expression.ts";
import { isObject, setField } from "./jsonata/values.ts";
import type { Problems } from "./problems.ts";

/** A field's value in a definition: JSON in which strings `{% … %}` are JSONata expressions. */
export interface Template {
  /** Path of the field within the state, for messages: `Arguments/bucket`. */
  readonly field: string;
  /** The value, or SLOW where only `evaluate` can tell. */
  tryFast(env: Env): unknown;
  /** Throws States.QueryEvaluationError. */
  evaluate(env: Env): Promise<unknown>;
}

export function parseTemplate(value: unknown, field: string, path: string, problems: Problems): Template {
  if (typeof value === "string") return parseString(value, field, path, problems);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => parseTemplate(item, `${field}/${index}`, path, problems));
    return items.every((item) => item instanceof Constant)
      ? new Constant(field, value)
      : new ArrayTemplate(field, items);
  }
  if (isObject(value)) {
    const fields = Object.entries(value).map(([key, item]): [string, Template] => [
      key,
      parseTemplate(item, `${field}/${key}`, path, problems),
    ]);
    const isConstant = fields.every(([, item]) => item instanceof Constant);
    return isConstant ? new Constant(field, value) : new ObjectTemplate(field, fields);
  }
  return new Constant(field, value);
}

/** Whether a field's value is one expression. */
export const isExpression = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith("{%") && value.endsWith("%}") && value.length >= 4;

function parseString(value: string, field: string, path: string, problems: Problems): Template {
  const isHalf = value.startsWith("{%") || value.endsWith("%}");
  if (!isExpression(value)) {
    if (isHalf) problems.add(`${path}.${field}`, `must have both {% at its start and %} at its end, or neither`);
    return new Constant(field, value);
  }
  const source = value.slice(2, -2).trim();
  try {
    return new ExpressionTemplate(field, new Expression(source));
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    problems.add(`${path}.${field}`, `must be a JSONata expression, got ${JSON.stringify(source)}: ${error.message}`);
    return new Constant(field, null);
  }
}

export class Constant implements Template {
  constructor(
    readonly field: string,
    readonly value: unknown,
  ) {}

  tryFast(): unknown {
    return this.value;
  }

  evaluate(): Promise<unknown> {
    return Promise.resolve(this.value);
  }
}

class ExpressionTemplate implements Template {
  constructor(
    readonly field: string,
    readonly expression: Expression,
  ) {}

  tryFast(env: Env): unknown {
    return this.expression.tryFast(env);
  }

  async evaluate(env: Env): Promise<unknown> {
    try {
      return await this.expression.evaluate(env);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new QueryError(
        this.field,
        `its expression ${JSON.stringify(this.expression.source)} failed: ${error.message}`,
      );
    }
  }
}

class ArrayTemplate implements Template {
  constructor(
    readonly field: string,
    readonly items: readonly Template[],
  ) {}

  tryFast(env: Env): unknown {
    const values: unknown[] = [];
    for (const item of this.items) {
      const value = item.tryFast(env);
      if (value === SLOW) return SLOW;
      values.push(value);
    }
    return values;
  }

  async evaluate(env: Env): Promise<unknown> {
    const values: unknown[] = [];
    for (const item of this.items) values.push(await resolve(item, env));
    return values;
  }
}

class ObjectTemplate implements Template {
  constructor(
    readonly field: string,
    readonly fields: readonly (readonly [string, Template])[],
  ) {}

  tryFast(env: Env): unknown {
    const values: Record<string, unknown> = {};
    for (const [key, item] of this.fields) {
      const value = item.tryFast(env);
      if (value === SLOW) return SLOW;
      setField(values, key, value);
    }
    return values;
  }

  async evaluate(env: Env): Promise<unknown> {
    const values: Record<string, unknown> = {};
    for (const [key, item] of this.fields) setField(values, key, await resolve(item, env));
    return values;
  }
}

/** The value, in the compiled way where there is one. */
export async function resolve(template: Template, env: Env): Promise<unknown> {
  const value = template.tryFast(env);
  return value === SLOW ? await template.evaluate(env) : value;
}
