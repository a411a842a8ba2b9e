import { isObject } from "./jsonata/values.ts";
import type { Problems } from "./problems.ts";
import { shown } from "./problems.ts";
import type { Template } from "./template.ts";
import { isExpression, parseTemplate } from "./template.ts";

/** Fields that only JSONPath has. */
const JSONPATH_FIELDS = new Set([
  ...["InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Result", "Variable", "ItemsPath"],
  ...["SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath"],
  ...["ErrorPath", "CausePath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"],
  ...["MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath", "And", "Or", "Not"],
]);

export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Whether fractions are allowed. */
  readonly fractions?: boolean;
}

/** Reads an object of a definition, field by field, and reports what is wrong. */
export class Fields {
  constructor(
    readonly object: Readonly<Record<string, unknown>>,
    /** Where the object is in the definition: `States.Wait.Retry[0]`. */
    readonly path: string,
    readonly problems: Problems,
    /** The object's path within its state, for messages at run time: `Choices/0/`. */
    readonly prefix = "",
  ) {}

  report(field: string, what: string): void {
    this.problems.add(`${this.path}.${field}`, what);
  }

  has(field: string): boolean {
    return this.object[field] !== undefined;
  }

  /** Reports all fields but these. */
  allow(fields: readonly string[], of: string): void {
    for (const field of Object.keys(this.object)) {
      if (fields.includes(field)) continue;
      if (JSONPATH_FIELDS.has(field)) this.report(field, "belongs to JSONPath, which is not supported: use JSONata");
      else this.report(field, `is not a field of ${of}, which has ${fields.join(", ")}`);
    }
  }

  string(field: string): string | undefined {
    const value = this.object[field];
    if (value === undefined || typeof value === "string") return value;
    this.report(field, `must be a string, got ${shown(value)}`);
    return undefined;
  }

  requiredString(field: string): string {
    if (!this.has(field)) this.report(field, "is required: a string");
    return this.string(field) ?? "";
  }

  oneOf<Value extends string>(field: string, allowed: readonly Value[]): Value | undefined {
    const value = this.object[field];
    const found = allowed.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) {
      this.report(field, `must be one of ${allowed.join(", ")}, got ${shown(value)}`);
    }
    return found;
  }

  number(field: string, bounds: Bounds): number | undefined {
    const value = this.object[field];
    if (value === undefined) return undefined;
    if (isWithin(value, bounds)) return value;
    this.report(field, `must be ${describeBounds(bounds)}, got ${shown(value)}`);
    return undefined;
  }

  objects(field: string): readonly Fields[] {
    const value = this.object[field];
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.report(field, `must be an array, got ${shown(value)}`);
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      if (isObject(item)) {
        const prefix = `${this.prefix}${field}/${index}/`;
        return [new Fields(item, `${this.path}.${field}[${index}]`, this.problems, prefix)];
      }
      this.problems.add(`${this.path}.${field}[${index}]`, `must be an object, got ${shown(item)}`);
      return [];
    });
  }

  fields(field: string): Fields | undefined {
    const value = this.object[field];
    if (value === undefined) return undefined;
    if (isObject(value)) return new Fields(value, `${this.path}.${field}`, this.problems, `${this.prefix}${field}/`);
    this.report(field, `must be an object, got ${shown(value)}`);
    return undefined;
  }

  template(field: string): Template | undefined {
    const value = this.object[field];
    if (value === undefined) return undefined;
    return parseTemplate(value, `${this.prefix}${field}`, this.path, this.problems);
  }

  /** A string that may be an expression. */
  stringTemplate(field: string): Template | undefined {
    return this.string(field) === undefined ? undefined : this.template(field);
  }

  /** A number that may be an expression; what an expression gives is checked when it runs. */
  numberTemplate(field: string, bounds: Bounds): Template | undefined {
    if (!isExpression(this.object[field]) && this.number(field, bounds) === undefined) return undefined;
    return this.template(field);
  }

  /** An expression: `{% … %}`. */
  expression(field: string): Template | undefined {
    const value = this.object[field];
    if (typeof value !== "boolean" && !isExpression(value)) {
      this.report(field, `must be a JSONata expression in {% %}, got ${shown(value)}`);
      return undefined;
    }
    return this.template(field);
  }

  /** Variables to assign, by name. */
  assign(): Template | undefined {
    const fields = this.fields("Assign");
    for (const name of Object.keys(fields?.object ?? {})) {
      if (!/^[\p{ID_Start}][\p{ID_Continue}]{0,79}$/u.test(name)) {
        this.report(`Assign.${name}`, "is not a variable's name: a letter, then letters, digits and _, at most 80");
      } else if (name === "states") {
        this.report(`Assign.${name}`, "must not be assigned: $states is reserved");
      }
    }
    return fields === undefined ? undefined : this.template("Assign");
  }
}

export const isWithin = (value: unknown, bounds: Bounds): value is number =>
  typeof value === "number" &&
  value >= bounds.min &&
  value <= bounds.max &&
  (bounds.fractions === true || Number.isInteger(value));

export const describeBounds = ({ min, max, fractions }: Bounds): string =>
  `${fractions === true ? "a number" : "an integer"} of ${min} to ${max}`;
