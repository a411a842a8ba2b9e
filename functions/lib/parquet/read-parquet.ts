import { parquetReadObjects } from "hyparquet";
import type { Cell } from "../csv/cells.ts";

/** A row of a Parquet file, by column. Dates are days, timestamps microseconds since the epoch, as they are stored. */
export type ParquetRow = Readonly<Record<string, Cell>>;

/** Reads a Parquet file of flat columns. @param columns only these @default all */
export async function readParquet(content: Uint8Array, columns?: readonly string[]): Promise<readonly ParquetRow[]> {
  // The view may be a part of a larger buffer.
  const file = new Uint8Array(content).buffer;
  return (await parquetReadObjects({
    file,
    parsers: { dateFromDays: (days) => days, timestampFromMicroseconds: (micros) => micros },
    ...(columns !== undefined && { columns: [...columns] }),
  })) as readonly ParquetRow[];
}
