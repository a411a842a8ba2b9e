import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isReservedWord } from "./dynamodb-reserved-words.ts";
import type { Item } from "./dynamodb-values.ts";
import { ServiceError } from "./service.ts";

/** What an expression is evaluated with. */
export interface Scope {
  readonly item: Item;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** A way into an item: attribute names, and positions in lists. */
export type DocumentPath = readonly (string | number)[];
export type PathOf = (scope: Pick<Scope, "names">) => DocumentPath;

/** The tokens of an expression, and the reader's place among them. */
export class Tokens {
  /** Placeholders that were read. */
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  readonly #kind: string;
  readonly #source: string;
  readonly #tokens: readonly string[];
  #next = 0;

  /** @param kind The parameter's name, for errors. */
  constructor(kind: string, source: string) {
    this.#kind = kind;
    this.#source = source;
    this.#tokens = source.match(/[#:]?[A-Za-z_][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|\d+|<>|<=|>=|[^\s]/g) ?? [];
    if (this.#tokens.length === 0) throw invalid(`Invalid ${kind}: The expression can not be empty;`);
  }

  get atEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#next + ahead] ?? "";
  }

  take(): string {
    return this.#tokens[this.#next++] ?? "";
  }

  /** Whether this keyword or sign is next. Keywords are in capitals here, in any case in expressions. */
  nextIs(token: string): boolean {
    return this.peek().toUpperCase() === token;
  }

  accept(token: string): boolean {
    const found = this.nextIs(token);
    if (found) this.#next++;
    return found;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.error();
  }

  /** Is the next thing a call of this function? */
  acceptCall(name: string): boolean {
    const found = this.peek() === name && this.peek(1) === "(";
    if (found) this.#next += 2;
    return found;
  }

  end(): void {
    if (!this.atEnd) throw this.error();
  }

  error(): ServiceError {
    return invalid(`Invalid ${this.#kind}: Syntax error; token: "${this.peek()}", in: "${this.#source}"`);
  }

  /** Reads a path such as `a.#b[0].c`. */
  path(): PathOf {
    const parts: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.accept(".")) parts.push(this.#name());
      else if (this.accept("[")) {
        if (!/^\d+$/.test(this.peek())) throw this.error();
        parts.push(Number(this.take()));
        this.expect("]");
      } else break;
    }
    if (!parts.some((part) => typeof part === "string" && part.startsWith("#"))) return () => parts;
    return ({ names }) =>
      parts.map((part) => (typeof part === "string" && part.startsWith("#") ? (names[part] ?? part) : part));
  }

  /** Reads a placeholder such as `:limit`. */
  value(): (scope: Pick<Scope, "values">) => AttributeValue {
    const name = this.peek();
    if (!name.startsWith(":")) throw this.error();
    this.values.add(this.take());
    return ({ values }) => values[name] ?? { NULL: true };
  }

  #name(): string {
    const name = this.peek();
    if (name.startsWith("#") && name.length > 1) this.names.add(name);
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw this.error();
    else if (isReservedWord(name)) {
      throw invalid(`Invalid ${this.#kind}: Attribute name is a reserved keyword; reserved keyword: ${name}`);
    }
    return this.take();
  }
}

/** What is at a path of an item, if anything is. */
export const valueAt = (item: Item, path: DocumentPath): AttributeValue | undefined => {
  const [first, ...rest] = path;
  let value = typeof first === "string" ? item[first] : undefined;
  for (const part of rest) value = typeof part === "string" ? value?.M?.[part] : value?.L?.[part];
  return value;
};

export const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);
