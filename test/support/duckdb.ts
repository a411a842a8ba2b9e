import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBResultReader } from "@duckdb/node-api";

export type Query = (sql: string) => Promise<DuckDBResultReader>;

let database: Promise<DuckDBConnection> | undefined;

/** Asks DuckDB, whose time zone is UTC. */
export const query: Query = async (sql) => {
  database ??= open();
  return (await database).runAndReadAll(sql);
};

const open = async (): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
};

/** Asks DuckDB about files, by their names or keys, which are at `folder` while it answers. */
export const withFiles = async <T>(
  files: Iterable<readonly [name: string, content: string | Uint8Array]>,
  ask: (folder: string, query: Query) => Promise<T>,
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "duckdb-"));
  try {
    for (const [name, content] of files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return await ask(folder, query);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Whole numbers as they are compared with others. */
export const plain = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
