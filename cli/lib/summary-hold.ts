/** What a terminal takes as colour. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
/** The line that the summary starts with. */
const SUMMARY = /^\s{2}[\d,]+ passing\b/;

/** Passes mocha's output on line by line, but keeps its summary until it is released. */
export class SummaryHold {
  #rest = "";
  #held: string | undefined;

  constructor(readonly out: (text: string) => void) {}

  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(`${line}\n`);
  }

  #line(line: string): void {
    if (this.#held === undefined && SUMMARY.test(line.replace(ESCAPES, ""))) this.#held = "";
    if (this.#held === undefined) this.out(line);
    else this.#held += line;
  }

  release(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    if (this.#held !== undefined) this.out(this.#held);
    this.#rest = "";
    this.#held = undefined;
  }
}
