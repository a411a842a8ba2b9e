const FLUSH_CHARACTERS = 1_048_576;

/** The rows that did not make it into the table, as a CSV file of their own: line, reason, content. */
export class RejectedRows {
  #count = 0;
  #text = "line,reason,content\n";
  readonly #parts: Uint8Array[] = [];

  get count(): number {
    return this.#count;
  }

  add(line: number, reason: string, content: string): void {
    this.#count++;
    this.#text += `${line},${quoted(reason)},${quoted(content)}\n`;
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
  }

  toBytes(): Uint8Array {
    this.#flush();
    return Buffer.concat(this.#parts);
  }

  #flush(): void {
    this.#parts.push(Buffer.from(this.#text, "utf8"));
    this.#text = "";
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
