/** A word, a number, a quoted text or a sign, and where it stands. */
export interface Token {
  readonly kind: "word" | "number" | "text" | "sign" | "end";
  /** A quoted text without its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What is wrong in the rules, and where. */
export class DqdlError extends Error {
  override readonly name = "DqdlError";
  readonly start: number;

  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

const TOKEN =
  /(?<space>[ \t\r\n]+|#[^\n]*)|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_]\w*)|"(?<text>(?:[^"\\]|\\.)*)"|(?<sign>!=|<=|>=|[=<>[\](),-])/suy;

/** The tokens of a DQDL document; a comment runs from `#` to the end of its line. */
export const tokensOf = (source: string): readonly Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let start = 0;
  while (start < source.length) {
    const match = TOKEN.exec(source);
    if (match?.groups === undefined) {
      throw new DqdlError(`${JSON.stringify(source.charAt(start))} begins nothing that DQDL has`, start);
    }
    const end = TOKEN.lastIndex;
    const { number, word, text, sign } = match.groups;
    if (number !== undefined) tokens.push({ kind: "number", text: number, start, end });
    if (word !== undefined) tokens.push({ kind: "word", text: word, start, end });
    // A backslash stands for itself, as patterns need it, but before a quote.
    if (text !== undefined) tokens.push({ kind: "text", text: text.replaceAll('\\"', '"'), start, end });
    if (sign !== undefined) tokens.push({ kind: "sign", text: sign, start, end });
    start = end;
  }
  return [...tokens, { kind: "end", text: "the end", start, end: start }];
};

/** Tokens, taken one after the other. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokensOf(source);
  }

  get peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new DqdlError("the rules end here", this.#source.length);
    return token;
  }

  take(): Token {
    const token = this.peek;
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  /** Takes the next token if it is this word or sign. */
  takes(text: string): boolean {
    const { kind, text: found } = this.peek;
    if ((kind !== "word" && kind !== "sign") || found !== text) return false;
    this.#next += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.wrong(`"${text}"`);
  }

  text(what: string): string {
    if (this.peek.kind !== "text") throw this.wrong(`${what} in quotes`);
    return this.take().text;
  }

  number(): number {
    if (this.peek.kind !== "number") throw this.wrong("a number");
    return Number(this.take().text);
  }

  /** From a place to the last token that was taken, spaces and line ends as one space. */
  since(start: number): string {
    const { end = start } = this.#tokens[this.#next - 1] ?? {};
    return this.#source
      .slice(start, end)
      .replace(/#[^\n]*/g, "")
      .replace(/\s+/g, " ");
  }

  wrong(expected: string): DqdlError {
    const { kind, text, start } = this.peek;
    return new DqdlError(`${expected} is expected, got ${kind === "end" ? text : JSON.stringify(text)}`, start);
  }
}
