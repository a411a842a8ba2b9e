import type { Column } from "../csv/columns.ts";
import { ParquetTable } from "../csv/parquet-table.ts";
import type { ParquetRow } from "./read-parquet.ts";

/** A Parquet file of these columns; a row may have more, which are left out. */
export async function writeParquet(columns: readonly Column[], rows: readonly ParquetRow[]): Promise<Uint8Array> {
  const table = new ParquetTable(columns);
  for (const row of rows) table.add(columns.map(({ name }) => row[name] ?? null));
  return await table.toBytes();
}
