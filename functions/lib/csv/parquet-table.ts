import { ByteWriter, ParquetWriter } from "hyparquet-writer";

import type { Cell, ColumnType } from "./cells.ts";
import type { Column } from "./columns.ts";

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

/** A row group is written when it has this many rows, or this much text. */
const ROW_GROUP_ROWS = 65_536;
const ROW_GROUP_CHARACTERS = 8 * 1_048_576;

const PHYSICAL_TYPES: Readonly<Record<ColumnType, Pick<SchemaElement, "type" | "converted_type" | "logical_type">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  bigint: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  date: { type: "INT32", converted_type: "DATE" },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
};

/** Rows collected into a Parquet file in memory, Snappy-compressed; only the row group in hand is held as rows. */
export class ParquetTable {
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteWriter();
  readonly #file: ParquetWriter;
  #cells: Cell[][];
  #rowsInGroup = 0;
  #charactersInGroup = 0;
  #rows = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#cells = columns.map(() => []);
    this.#file = new ParquetWriter({ writer: this.#bytes, schema: schemaOf(columns), createdBy: "glue-pipeline" });
  }

  get rows(): number {
    return this.#rows;
  }

  add(row: readonly Cell[]): void {
    let index = 0;
    for (const cell of row) {
      this.#cells[index++]?.push(cell);
      if (typeof cell === "string") this.#charactersInGroup += cell.length;
    }
    this.#rows++;
    this.#rowsInGroup++;
    if (this.#rowsInGroup >= ROW_GROUP_ROWS || this.#charactersInGroup >= ROW_GROUP_CHARACTERS) this.#writeGroup();
  }

  /** Writes what is left and the footer. */
  async toBytes(): Promise<Uint8Array> {
    if (this.#rowsInGroup > 0) this.#writeGroup();
    await this.#file.finish();
    return this.#bytes.getBytes();
  }

  #writeGroup(): void {
    const columnData = this.#columns.map(({ name, type }, index) => ({
      name,
      data: this.#cells[index] ?? [],
      // Smallest and largest text of a column cost a quarter of the time and seldom help to skip a row group.
      statistics: type !== "string",
    }));
    // Nothing to wait for: the writer is memory.
    void this.#file.write({ columnData, rowGroupSize: this.#rowsInGroup });
    this.#cells = this.#columns.map(() => []);
    this.#rowsInGroup = 0;
    this.#charactersInGroup = 0;
  }
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: "schema", num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...PHYSICAL_TYPES[type] })),
  ];
}
