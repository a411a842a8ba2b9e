import { withFiles } from "../../../test/support/duckdb.ts";

/** A file, by its name or key. */
export interface File {
  readonly name: string;
  readonly content: string | Uint8Array;
}

export type Row = Readonly<Record<string, unknown>>;

/** Asks DuckDB about files, which are at `folder` while it answers. */
export const ask = (files: readonly File[], sql: (folder: string) => string): Promise<readonly Row[]> =>
  withFiles(
    files.map(({ name, content }) => [name, content] as const),
    async (folder, query) => (await query(sql(folder))).getRowObjectsJS(),
  );
