import { spawnSync } from "node:child_process";

import { expect } from "chai";
import fc from "fast-check";

import type { ColumnTypes } from "../../../functions/lib/csv/columns.ts";
import { convertCsv, type Conversion } from "../../../functions/lib/csv/convert-csv.ts";
import { piecesOf } from "./buckets.ts";
import { readParquet, withFile } from "./parquet-reader.ts";

const UNTYPED: ColumnTypes = new Map();

function convert(text: string, pieceBytes = 65_536): Promise<Conversion> {
  return convertCsv(piecesOf(Buffer.from(text), pieceBytes), UNTYPED);
}

/** A cell as it may stand in a file: in quotes if it must be, or if chance has it so. */
function written(cell: string, quote: boolean, alone: boolean): string {
  const needed = /[",\r\n]/.test(cell) || (alone && cell === "");
  return needed || quote ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const cellText = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom("a", " ", ",", '"', "\n", "\r\n", "\r", "é", "😀", "\u2028"),
      fc.string({ maxLength: 3 }),
    ),
    maxLength: 6,
  })
  .map((text) => Buffer.from(text.replaceAll("\0", "")).toString("utf8"));

const file = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(
      fc.record({
        cells: fc.array(fc.tuple(cellText, fc.boolean()), { minLength: width, maxLength: width }),
        extra: fc.constantFrom(0, 0, 0, 1, 3),
        blankLines: fc.constantFrom(0, 0, 1, 2),
      }),
      { maxLength: 8 },
    ),
    lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
    lastLineEnd: fc.boolean(),
    byteOrderMark: fc.boolean(),
    pieceBytes: fc.integer({ min: 1, max: 40 }),
  }),
);

describe("process-csv tables", () => {
  it("hold every cell of the file, whatever the quoting and the line ends", async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ width, rows, lineEnd, lastLineEnd, byteOrderMark, pieceBytes }) => {
        const header = Array.from({ length: width }, (_, index) => `c${index}`).join(",");
        const lines = rows.flatMap(({ cells, extra, blankLines }) => [
          ...Array<string>(blankLines).fill(""),
          cells.map(([cell, quote]) => written(cell, quote, width === 1)).join(",") + ",".repeat(extra),
        ]);
        const text = (byteOrderMark ? "\ufeff" : "") + [header, ...lines].join(lineEnd) + (lastLineEnd ? lineEnd : "");
        const conversion = await convert(text, pieceBytes);
        const good = rows.filter(({ extra }) => extra === 0);

        expect((await readParquet(conversion.parquet)).rows).to.deep.equal(
          good.map(({ cells }) => cells.map(([cell]) => cell)),
        );
        expect(conversion).to.include({
          rowsIn: rows.length,
          rowsWritten: good.length,
          rowsRejected: rows.length - good.length,
          bytesIn: Buffer.byteLength(text),
        });
      }),
      { numRuns: 100 },
    );
  });

  it("have rows of any number and of any size", async () => {
    const long = "é\n".repeat(1_048_576);
    const rows = Array.from({ length: 70_000 }, (_, index) => [String(index), `value ${index % 7}`]);
    rows.push(["long", long], ["longer", `${long}${long}${long}`], ["last", ""]);
    const { parquet } = await convert(`k,v\n${rows.map(([k, v]) => `${String(k)},"${String(v)}"\n`).join("")}`);

    expect((await readParquet(parquet)).rows).to.deep.equal(rows);
  });

  it("leave out a great many rows without losing one", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `row ${index} has "quotes", and a comma`);
    const { parquet, rejected, ...counts } = await convert(`one\n${lines.join("\n")}\n`);

    expect(counts).to.include({ rowsIn: 20_000, rowsWritten: 0, rowsRejected: 20_000 });
    expect((await readParquet(parquet)).rows).to.deep.equal([]);
    const reread = await convert(Buffer.from(rejected ?? []).toString("utf8"));
    expect((await readParquet(reread.parquet)).rows).to.deep.equal(
      lines.map((line, index) => [String(index + 2), "expected 1 field, got 2", line]),
    );
  });

  it("are read by pyarrow as by DuckDB", async () => {
    const python = process.env.PYTHON ?? "python3";
    if (spawnSync(python, ["-c", "import pyarrow"]).status !== 0) {
      if (process.env.CI === "true") throw new Error(`${python} has no pyarrow, and CI is to have it`);
      console.warn(`\n      NOT CHECKED: ${python} has no pyarrow (pip install pyarrow, or set PYTHON)\n`);
      return;
    }
    const text = 's,n,x,ok,day,at\n"é ""q""\n",-5,0.5,true,2024-02-29,2026-03-01T00:00:00.5Z\n,,,,,\n';
    const types: ColumnTypes = new Map([
      ["n", "bigint"],
      ["x", "double"],
      ["ok", "boolean"],
      ["day", "date"],
      ["at", "timestamp"],
    ]);
    const { parquet } = await convertCsv(piecesOf(Buffer.from(text), 64), types);
    const script = [
      "import json, sys, pyarrow as pa, pyarrow.parquet as pq",
      "table = pq.ParquetFile(sys.argv[1]).read()",
      "table = table.set_column(5, 'at', table['at'].cast(pa.int64()))",
      "print(json.dumps([[str(f.type) for f in pq.read_schema(sys.argv[1])], table.to_pylist()], default=str))",
    ].join("\n");
    const answer = await withFile(parquet, (path) => spawnSync(python, ["-c", script, path], { encoding: "utf8" }));

    expect(answer.stderr).to.equal("");
    expect(JSON.parse(answer.stdout)).to.deep.equal([
      ["string", "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]"],
      [
        { s: 'é "q"\n', n: -5, x: 0.5, ok: true, day: "2024-02-29", at: Date.UTC(2026, 2, 1) * 1000 + 500_000 },
        { s: "", n: null, x: null, ok: null, day: null, at: null },
      ],
    ]);
  }).timeout(60_000);
});
