/** Lines of output, the last of which may be rewritten on a terminal. */
export class Screen {
  #live = "";

  constructor(
    readonly out: (text: string) => void,
    readonly isTerminal: boolean,
  ) {}

  line(text = ""): void {
    this.#clear();
    this.out(`${text}\n`);
  }

  /** Shows a line that the next one takes the place of. Where lines cannot be rewritten, it is not shown. */
  live(text: string): void {
    if (!this.isTerminal || text === this.#live) return;
    this.#clear();
    this.#live = text;
    this.out(text);
  }

  #clear(): void {
    if (this.#live !== "") this.out("\r\u001b[K");
    this.#live = "";
  }
}
