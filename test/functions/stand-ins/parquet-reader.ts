import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";

/** What another program makes of a Parquet file. */
export interface ReadTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

let database: Promise<DuckDBConnection> | undefined;

/** Reads a Parquet file with DuckDB; `select` is what to ask for, a star unless given. */
export async function readParquet(content: Uint8Array, select = "*"): Promise<ReadTable> {
  database ??= DuckDBInstance.create(":memory:").then((instance) => instance.connect());
  const connection = await database;
  return withFile(content, async (path) => {
    const answer = await connection.runAndReadAll(`SELECT ${select} FROM read_parquet('${path}')`);
    const types = answer.columnTypes();
    const columns = answer.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
    return { columns, rows: answer.getRowsJS() };
  });
}

/** Calls with the path of a temporary file that holds the content. */
export async function withFile<T>(content: Uint8Array, use: (path: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "parquet-"));
  try {
    const path = join(folder, "table.parquet");
    writeFileSync(path, content);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
