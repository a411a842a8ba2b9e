import { DuckDBInstance } from "@duckdb/node-api";
import { withFile, type ReadTable } from "../../functions/stand-ins/parquet-reader.ts";

/** What DuckDB sees in a CSV file, all of it as text; it passes over malformed rows as well. */
export async function readCsv(content: Uint8Array): Promise<ReadTable> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return withFile(content, async (path) => {
    const answer = await connection.runAndReadAll(
      `SELECT * FROM read_csv('${path}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', ignore_errors = true,
         strict_mode = true, parallel = false, nullstr = 'nothing is null')`,
    );
    const types = answer.columnTypes();
    const columns = answer.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
    return { columns, rows: answer.getRowsJS() };
  });
}
