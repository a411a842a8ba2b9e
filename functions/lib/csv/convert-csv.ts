import { columnsOf, type Column, type ColumnTypes } from "./columns.ts";
import { ParquetTable } from "./parquet-table.ts";
import { readRecords, type CsvRecord } from "./records.ts";
import { RejectedRows } from "./rejected-rows.ts";
import { toRow } from "./rows.ts";
import { UnreadableFileError } from "./unreadable-file-error.ts";
import { utf8Text } from "./utf8-text.ts";

/** A CSV file turned into a table. */
export interface Conversion {
  readonly parquet: Uint8Array;
  /** CSV of the rejected rows; none were rejected when it is missing. */
  readonly rejected?: Uint8Array;
  readonly rowsIn: number;
  readonly rowsWritten: number;
  readonly rowsRejected: number;
  readonly bytesIn: number;
}

/**
 * Reads a CSV file to its end. Throws an `UnreadableFileError` when the file as a whole makes no sense.
 *
 * @param longestRecord bytes; a file with a longer one makes none
 */
export async function convertCsv(
  chunks: AsyncIterable<Uint8Array>,
  types: ColumnTypes,
  longestRecord?: number,
): Promise<Conversion> {
  const input = new ByteCounter();
  const sorter = new RecordSorter(types);
  const add = (record: CsvRecord): void => {
    sorter.add(record);
  };
  await readRecords(utf8Text(input.count(chunks)), add, longestRecord);
  return { ...(await sorter.finish()), bytesIn: input.bytes };
}

class ByteCounter {
  bytes = 0;

  async *count(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

/** The first record is the header; each one after it goes to the table or to the rejected rows. */
class RecordSorter {
  readonly #types: ColumnTypes;
  readonly #rejected = new RejectedRows();
  #table: { readonly columns: readonly Column[]; readonly rows: ParquetTable } | undefined;

  constructor(types: ColumnTypes) {
    this.#types = types;
  }

  add(record: CsvRecord): void {
    if (this.#table === undefined) {
      const columns = columnsOf(record, this.#types);
      this.#table = { columns, rows: new ParquetTable(columns) };
      return;
    }
    const row = toRow(record, this.#table.columns);
    if ("cells" in row) this.#table.rows.add(row.cells);
    else this.#rejected.add(record.line, row.reason, record.text());
  }

  async finish(): Promise<Omit<Conversion, "bytesIn">> {
    if (this.#table === undefined) throw new UnreadableFileError("the file has no header row, only blank lines");
    const { rows } = this.#table;
    const rowsRejected = this.#rejected.count;
    return {
      parquet: await rows.toBytes(),
      ...(rowsRejected > 0 && { rejected: this.#rejected.toBytes() }),
      rowsIn: rows.rows + rowsRejected,
      rowsWritten: rows.rows,
      rowsRejected,
    };
  }
}
