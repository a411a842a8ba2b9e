import type { Resource } from "../resource-graph.ts";

type Values = Readonly<Record<string, unknown>>;

/** Reads a resource's properties; an error names the resource, the property, what it holds and what it must hold. */
export class Properties {
  readonly #values: Values;
  readonly #where: string;

  constructor(values: Values, where: string) {
    this.#values = values;
    this.#where = where;
  }

  static of(resource: Resource): Properties {
    return new Properties(resource.properties, `${resource.type} ${resource.name}`);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#fail(name, "a text");
  }

  optionalString(name: string): string | undefined {
    return this.#typed(name, "a text", (value) => typeof value === "string");
  }

  optionalNumber(name: string): number | undefined {
    return this.#typed(name, "a number", (value) => typeof value === "number");
  }

  /** `otherwise` where it is missing. */
  wholeNumber(name: string, otherwise: number, min: number, max: number): number {
    const value = this.optionalNumber(name) ?? otherwise;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    return this.#fail(name, `a whole number from ${min} to ${max}`);
  }

  optionalBoolean(name: string): boolean | undefined {
    return this.#typed(name, "true or false", (value) => typeof value === "boolean");
  }

  /** A text, or what is neither text nor missing, such as a policy given as an object. */
  any(name: string): unknown {
    return this.#value(name) ?? this.#fail(name, "given");
  }

  optionalAny(name: string): unknown {
    return this.#value(name);
  }

  strings(name: string): readonly string[] {
    const isTexts = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === "string");
    return this.#typed(name, "a list of texts", isTexts) ?? [];
  }

  child(name: string): Properties | undefined {
    const value = this.#typed(name, "an object", isValues);
    return value && new Properties(value, this.#field(name));
  }

  children(name: string): readonly Properties[] {
    const isList = (value: unknown): value is Values[] => Array.isArray(value) && value.every(isValues);
    const list = this.#typed(name, "a list of objects", isList) ?? [];
    return list.map((value, index) => new Properties(value, `${this.#field(name)}[${index}]`));
  }

  /** An error about this property, for the caller's own checks. */
  error(name: string, allowed: string): Error {
    return new Error(`${this.#field(name)} must be ${allowed}, got ${describe(this.#value(name))}`);
  }

  #fail(name: string, allowed: string): never {
    throw this.error(name, allowed);
  }

  #typed<T>(name: string, allowed: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return is(value) ? value : this.#fail(name, allowed);
  }

  #value(name: string): unknown {
    return this.#values[name] ?? undefined;
  }

  #field(name: string): string {
    return `${this.#where}.${name}`;
  }
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const describe = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
