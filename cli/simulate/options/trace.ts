import { parse } from "csv-parse";
import { createReadStream } from "node:fs";
import { printable } from "../../render/text.ts";

/** When files landed, and how large they were and of which key they are a version, where the file tells it. */
export interface Trace {
  /** Seconds from the start, ascending. */
  readonly at: Float64Array;
  readonly bytes?: Float64Array;
  /** Keys are numbered in the order of their first rows. */
  readonly keys?: Int32Array;
}

const PROBLEMS_TOLD = 5;
const MOST_ROWS = 10_000_000;
/** A moment without a zone means something else on the next machine. */
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const HEADER = /^(seconds|time)(,bytes)?(,key)?$/;

/**
 * Reads a CSV file with the header `seconds` or `time`, `bytes` if it tells sizes, and `key` if it tells keys. Seconds count
 * from the start of the simulation; times are ISO 8601 with a zone, and the earliest is the start. Rows may come in any order.
 * @returns the trace, or all that is wrong with the file, each with its line
 */
export async function readTrace(path: string): Promise<Trace | { readonly problems: readonly string[] }> {
  const rows = createReadStream(path).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }),
  );
  const reader = new TraceReader();
  try {
    for await (const row of rows as AsyncIterable<Row>) {
      reader.read(row.record, row.info.lines);
      if (reader.isFull) break;
    }
  } catch (error) {
    return { problems: [...reader.complaints, printable(error instanceof Error ? error.message : String(error))] };
  }
  const problems = reader.problems();
  return problems.length > 0 ? { problems } : reader.trace();
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

class TraceReader {
  readonly #at: number[] = [];
  readonly #bytes: number[] = [];
  readonly #keys: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #problems: string[] = [];
  #header: { readonly isTime: boolean; readonly hasBytes: boolean; readonly hasKeys: boolean } | undefined;
  #wrong = 0;

  /** What comes after is of no use. */
  get isFull(): boolean {
    return this.#at.length > MOST_ROWS || (this.#header === undefined && this.#wrong > 0);
  }

  read(record: readonly string[], line: number): void {
    if (this.#header === undefined) {
      this.#readHeader(record, line);
      return;
    }
    const { isTime, hasBytes, hasKeys } = this.#header;
    const columns = 1 + (hasBytes ? 1 : 0) + (hasKeys ? 1 : 0);
    if (record.length !== columns) {
      this.#complain(line, `${columns === 1 ? "1 value is" : `${columns} values are`} expected, got ${record.length}`);
      return;
    }
    const [first = "", second = ""] = record;
    const at = isTime ? momentOf(first) : numberOf(first);
    const bytes = hasBytes ? numberOf(second) : 0;
    if (at === undefined) {
      const allowed = isTime ? "a time such as 2026-01-31T12:00:00Z" : "a number of seconds from 0";
      this.#complain(line, `${isTime ? "time" : "seconds"} must be ${allowed}, got "${first}"`);
    }
    if (bytes === undefined || !Number.isSafeInteger(bytes)) {
      this.#complain(line, `bytes must be a whole number from 0, got "${second}"`);
    }
    const key = hasKeys ? record[columns - 1] : undefined;
    if (key === "") this.#complain(line, "key must not be empty");
    if (at === undefined || bytes === undefined || key === "") return;
    this.#at.push(at);
    if (hasBytes) this.#bytes.push(bytes);
    if (key !== undefined) this.#keys.push(this.#numberOf(key));
  }

  /** What is wrong with rows. */
  get complaints(): readonly string[] {
    const more = this.#wrong - this.#problems.length;
    return more > 0 ? [...this.#problems, `and ${more} more`] : this.#problems;
  }

  problems(): readonly string[] {
    if (this.#wrong > 0) return this.complaints;
    if (this.#header === undefined) return [`it is empty; its first line must be ${headers}`];
    if (this.#at.length === 0) return ["it has no rows after its header"];
    return this.#at.length > MOST_ROWS ? [`it has more than ${MOST_ROWS.toLocaleString("en-US")} rows`] : [];
  }

  trace(): Trace {
    const order = Uint32Array.from(this.#at.keys());
    const at = (index: number): number => this.#at[index] ?? 0;
    const isSorted = this.#at.every((value, index) => index === 0 || at(index - 1) <= value);
    if (!isSorted) order.sort((a, b) => at(a) - at(b) || a - b);
    const start = this.#header?.isTime === true ? at(order[0] ?? 0) : 0;
    return {
      at: Float64Array.from(order, (index) => at(index) - start),
      ...(this.#bytes.length > 0 && { bytes: Float64Array.from(order, (index) => this.#bytes[index] ?? 0) }),
      ...(this.#keys.length > 0 && { keys: Int32Array.from(order, (index) => this.#keys[index] ?? 0) }),
    };
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, known);
    return known;
  }

  #readHeader(record: readonly string[], line: number): void {
    const header = record.join(",").toLowerCase();
    const [isKnown, first, bytes, key] = HEADER.exec(header) ?? [];
    if (isKnown === undefined) {
      this.#complain(line, `the header must be ${headers}, got "${record.join(",")}"`);
      return;
    }
    this.#header = { isTime: first === "time", hasBytes: bytes !== undefined, hasKeys: key !== undefined };
  }

  #complain(line: number, problem: string): void {
    this.#wrong++;
    if (this.#problems.length < PROBLEMS_TOLD) this.#problems.push(printable(`line ${line}: ${problem}`));
  }
}

const headers = '"seconds" or "time", followed by ",bytes" and ",key" where it tells them';

const numberOf = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);

/** Seconds since the epoch. */
const momentOf = (text: string): number | undefined => {
  const milliseconds = MOMENT.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
};
