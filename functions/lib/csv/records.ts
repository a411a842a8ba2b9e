import { pipeline } from "node:stream/promises";

import { CsvError, Parser } from "csv-parse";

import { RecordTooLongError, SourceWindow } from "./source-window.ts";
import { UnreadableFileError } from "./unreadable-file-error.ts";

/** A record of a CSV file: a line, or several where a quoted field holds line ends. */
export interface CsvRecord {
  /** The line it starts on, from 1. A line ends with LF, CRLF or CR; blank ones count. */
  readonly line: number;
  readonly fields: readonly string[];
  /** False when text follows a closing quote. A quote inside an unquoted field is text. */
  readonly wellQuoted: boolean;
  /** As it stands in the file, without its line end. */
  text(): string;
}

const QUOTE = '"';
const QUOTE_CODE = 0x22;

/**
 * Calls back with each record of a UTF-8 text, to be looked at before the call returns; blank lines are no records.
 *
 * @param longest bytes that a record may have
 */
export async function readRecords(
  text: AsyncIterable<Uint8Array>,
  onRecord: (record: CsvRecord) => void,
  longest = Infinity,
): Promise<void> {
  const parser = new RecordParser(onRecord, longest);
  parser.resume();
  try {
    await pipeline(text, (chunks) => parser.window.watch(chunks), parser);
  } catch (error) {
    const record = `the record that starts on line ${parser.nextLine()}`;
    if (error instanceof RecordTooLongError) throw new UnreadableFileError(`${record} is longer than ${longest} bytes`);
    if (!(error instanceof CsvError) || error.code !== "CSV_QUOTE_NOT_CLOSED") throw error;
    throw new UnreadableFileError(`a quote in ${record} is never closed`);
  }
}

/** Takes records where the parser pushes them: asking it for a record's position costs more than the parsing. */
class RecordParser extends Parser {
  readonly window: SourceWindow;
  readonly #lines = new LineCounter();
  readonly #onRecord: (record: CsvRecord) => void;

  constructor(onRecord: (record: CsvRecord) => void, longest: number) {
    super({
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
    });
    this.#onRecord = onRecord;
    this.window = new SourceWindow(longest);
  }

  nextLine(): number {
    return this.#lines.next([], this.info.empty_lines);
  }

  override push(fields: readonly string[] | null): boolean {
    if (fields === null) return super.push(null);
    if (this.destroyed) return false;
    // The parser makes an error object for each record that is not as long as the first, which takes ten times as long as
    // the record itself. Told each time that it is at the first, it makes none.
    Object.assign(this.info, { records: 0 });
    try {
      const end = this.info.bytes;
      this.window.requireShort(end);
      this.#onRecord(new ParsedRecord(this.#lines.next(fields, this.info.empty_lines), fields, this.window, end));
      this.window.finish(end);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }
}

class ParsedRecord implements CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
  readonly #window: SourceWindow;
  readonly #end: number;

  constructor(line: number, fields: readonly string[], window: SourceWindow, end: number) {
    this.line = line;
    this.fields = fields;
    this.#window = window;
    this.#end = end;
  }

  /** The parser puts back the opening quote of a field whose closing quote was followed by text. */
  get wellQuoted(): boolean {
    return !this.fields.some((field) => field.charCodeAt(0) === QUOTE_CODE) || quotesEncloseFields(this.text());
  }

  text(): string {
    // Blank lines before the record are part of what was read since the last one.
    return this.#window
      .textUpTo(this.#end)
      .replace(/^[\r\n]+/, "")
      .replace(/(?:\r\n|\n|\r)$/, "");
  }
}

/** The parser counts a CRLF inside quotes as two lines, so lines are counted here. */
class LineCounter {
  #next = 1;
  #blank = 0;

  next(fields: readonly string[], blankLinesSoFar: number): number {
    const line = this.#next + blankLinesSoFar - this.#blank;
    this.#blank = blankLinesSoFar;
    this.#next = line + 1;
    for (const field of fields) {
      if (field.includes("\n") || field.includes("\r")) this.#next += field.match(/\r\n|\n|\r/g)?.length ?? 0;
    }
    return line;
  }
}

function quotesEncloseFields(record: string): boolean {
  let position = 0;
  while (position <= record.length) {
    if (record.charCodeAt(position) === QUOTE_CODE) {
      position = afterClosingQuote(record, position);
      if (position < record.length && record[position] !== ",") return false;
    } else {
      const comma = record.indexOf(",", position);
      position = comma === -1 ? record.length : comma;
    }
    position++;
  }
  return true;
}

function afterClosingQuote(record: string, opening: number): number {
  let quote = record.indexOf(QUOTE, opening + 1);
  while (record[quote + 1] === QUOTE) quote = record.indexOf(QUOTE, quote + 2);
  return quote + 1;
}
