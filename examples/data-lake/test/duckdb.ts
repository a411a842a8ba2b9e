import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A file, by its name or key. */
export interface File {
  readonly name: string;
  readonly content: string | Uint8Array;
}

export type Row = Readonly<Record<string, unknown>>;

let database: Promise<DuckDBConnection> | undefined;

/** Asks DuckDB about files, which are at `folder` while it answers. */
export async function ask(files: readonly File[], query: (folder: string) => string): Promise<readonly Row[]> {
  database ??= DuckDBInstance.create(":memory:").then((instance) => instance.connect());
  const connection = await database;
  await connection.run("SET TimeZone = 'UTC'");
  const folder = mkdtempSync(join(tmpdir(), "lake-"));
  try {
    for (const { name, content } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return (await connection.runAndReadAll(query(folder))).getRowObjectsJS();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
