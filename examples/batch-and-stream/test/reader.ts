import { readFileSync } from "node:fs";
import { plain, withFiles } from "../../../test/support/duckdb.ts";

/** A file, by its bucket and key or by any other name. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

export type Row = Readonly<Record<string, unknown>>;

const countingQuery = readFileSync(new URL("../payments.sql", import.meta.url), "utf8");

/** What the example's query gives over the tables as they are in the buckets. */
export const rowsThatCount = (files: Files): Promise<readonly Row[]> =>
  ask(files, async (folder, run) => {
    const table = async (name: string, pattern: RegExp, source: (list: string) => string, empty: string) => {
      const found = [...files.keys()].filter((file) => pattern.test(file));
      const list = `[${found.map((file) => `'${folder}/${file}'`).join(", ")}]`;
      const path = `replace(filename, '${folder}/', 's3://') AS "$path"`;
      const day = "regexp_extract(filename, 'day=([^/]+)', 1) AS day";
      const query = found.length === 0 ? empty : `SELECT *, ${path}, ${day} FROM ${source(list)}`;
      await run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${query}`);
    };
    const none = `SELECT '' AS payment_id, now() AS paid_at, '' AS shop, 0::BIGINT AS amount_cents, '' AS told_by,
      '' AS "$path", '' AS day WHERE false`;
    const parquet = (list: string) => `read_parquet(${list}, filename = true, hive_partitioning = false)`;
    await table("live", /\/live\/day=.*\.parquet$/, parquet, none);
    await table("days", /\/payments\/days\/.*\.parquet$/, parquet, none);
    const json = (list: string) =>
      `(SELECT * EXCLUDE (day) FROM read_json(${list}, filename = true, format = 'newline_delimited', hive_partitioning = false))`;
    const noManifest = "SELECT '' AS day, 0 AS number, '' AS file WHERE false";
    await table("manifests", /\/payments\/manifests\//, json, noManifest);
    return run(`SELECT payment_id, epoch_ms(paid_at) AS paid_at, shop, amount_cents, told_by, day
      FROM (${countingQuery}) ORDER BY ALL`);
  });

export interface Told {
  /** Files that went to the stream. */
  readonly streamed: readonly string[];
  /** The export of each day that is loaded, by its day. */
  readonly exported: Readonly<Record<string, string>>;
}

/** What SQL makes of the files that landed: the exports, and what the stream alone has told. */
export const expectedOf = ({ streamed, exported }: Told): Promise<readonly Row[]> => {
  const files = new Map<string, string>();
  for (const [index, text] of streamed.entries()) files.set(`live-${index}.jsonl`, text);
  for (const [day, text] of Object.entries(exported)) files.set(`export-${day}.csv`, text);
  return ask(files, async (folder, run) => {
    // Line by line: the reader of JSON would lose the line behind one that is cut.
    await run(`CREATE OR REPLACE TEMP TABLE told AS
      SELECT DISTINCT line ->> 'payment_id' AS payment_id, try_cast(line ->> 'paid_at' AS TIMESTAMPTZ) AS paid_at,
        line ->> 'shop' AS shop, try_cast(line ->> 'amount_cents' AS BIGINT) AS amount_cents
      FROM (SELECT unnest(string_split(content, chr(10))) AS line FROM read_text('${folder}/live-*.jsonl'))
      WHERE json_valid(line)`);
    await run("DELETE FROM told WHERE paid_at IS NULL");
    const exports = Object.keys(exported).map(
      (day) => `SELECT payment_id, try_cast(paid_at AS TIMESTAMPTZ) AS paid_at, shop,
          try_cast(amount_cents AS BIGINT) AS amount_cents, '${day}' AS day
        FROM read_csv('${folder}/export-${day}.csv', header = true, all_varchar = true)`,
    );
    await run(`CREATE OR REPLACE TEMP TABLE exported AS
      SELECT * FROM (${exports.join(" UNION ALL ") || "SELECT *, '' AS day FROM told WHERE false"})
      WHERE amount_cents IS NOT NULL AND strftime(paid_at, '%Y-%m-%d') = day`);
    return run(`
      SELECT payment_id, epoch_ms(paid_at) AS paid_at, shop, amount_cents,
        CASE WHEN payment_id IN (SELECT payment_id FROM told) THEN 'both' ELSE 'export' END AS told_by, day
      FROM exported
      UNION ALL
      SELECT payment_id, epoch_ms(paid_at), shop, amount_cents, 'stream', strftime(paid_at, '%Y-%m-%d')
      FROM told WHERE payment_id NOT IN (SELECT payment_id FROM exported)
      ORDER BY ALL`);
  });
};

type Run = (sql: string) => Promise<readonly Row[]>;

/** Asks DuckDB about files, which are in a folder while it answers. */
const ask = <T>(files: Files, work: (folder: string, run: Run) => Promise<T>): Promise<T> =>
  withFiles(files, (folder, query) =>
    work(folder, async (sql) => {
      const rows = (await query(sql)).getRowObjectsJS();
      return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
    }),
  );
