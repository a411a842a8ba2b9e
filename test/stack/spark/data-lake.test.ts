import { expect } from "chai";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../../cli/run/report.ts";
import { ask, type File, type Row } from "../../../examples/data-lake/test/duckdb.ts";
import { orderColumns } from "../../../examples/data-lake/test/expected.ts";
import { runCli } from "../../support/cli.ts";

const header = "order_id,ordered_at,updated_at,status,country,category,quantity,unit_price";
const at = "2026-01-05T10:00:00Z";

/** What is cleaned, what is refused, and what the two could see differently. */
const csv: File = {
  name: "awkward.csv",
  content: [
    header,
    ` a-1 ,2026-01-05T23:30:00-02:00,${at},PAID,de," Home & Garden ",1,10.5`,
    `A-1,2026-01-05T23:30:00-02:00,${at},shipped,DE,home & garden,1,10.50`,
    `A-2,2026-01-05 10:00:00.123456,${at},paid,zz,books,2,0.1`,
    `A-3,2026-02-30T10:00:00Z,${at},paid,DE,books,1,1`,
    `A-4,${at},${at},paid,DEU,books,1,1`,
    `A-5,${at},${at},paid,DE,5books,1,1`,
    `A-6,${at},${at},paid,DE,books,007,1`,
    `A-7,${at},${at},paid,DE,books,1,1.005`,
    `A-8,${at},${at},lost,DE,books,1,1`,
    `" "" ",${at},${at},paid,DE,books,1,3`,
    `,${at},${at},paid,DE,books,1,3`,
    "",
  ].join("\n"),
};

const order = { order_id: "J-1", ordered_at: at, updated_at: at, status: "paid", country: "FR", category: "books" };

const json: File = {
  name: "awkward.jsonl",
  content: [
    JSON.stringify({ ...order, quantity: 2, unit_price: 12.5, extra: [1] }),
    JSON.stringify({ ...order, order_id: "J-2", quantity: 1.5, unit_price: 1 }),
    JSON.stringify({ ...order, order_id: "J-3", quantity: true, unit_price: 1 }),
    JSON.stringify({ ...order, order_id: "J-4", quantity: "3", unit_price: "7" }),
    `{"order_id": "J-5", "quantity": NaN}`,
    "[1]",
    "{",
    "",
  ].join("\r\n"),
};

/** The tables, the rejected rows and the counts that the stages have left, whatever the files are called. */
interface Left {
  readonly raw: readonly Row[];
  readonly orders: readonly Row[];
  readonly revenue: readonly Row[];
  readonly rejected: readonly string[];
  readonly counts: readonly unknown[];
}

describe("the scripts of the data lake and their stand-ins", function () {
  this.timeout(900_000);

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-lake-"));
    for (const { name, content } of [csv, json]) writeFileSync(join(folder, name), content);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const leftBy = async (engine: string, stack: string): Promise<Left> => {
    const out = join(folder, `${engine}-${stack}`);
    const program = ["--program", "examples/data-lake", "--stack", stack, "--engine", engine, "--out", out, "--json"];
    const files = [csv, json].map(({ name }) => join(folder, name));
    const { code, stdout, stderr } = await runCli(["start", ...files, ...program]);
    expect(code, stderr).to.equal(0);
    const { objects } = JSON.parse(stdout) as Report;
    const lake = objects.filter(({ bucket }) => bucket.startsWith("lake-output-"));
    const ending = (text: string) => lake.filter(({ key }) => key.endsWith(text)).map(({ path }) => readFileSync(path));
    const parquet = lake
      .filter(({ key }) => key.endsWith(".parquet"))
      .map(({ key, path }) => ({ name: key, content: readFileSync(path) }));
    const table = (name: string, columns: string): Promise<readonly Row[]> =>
      ask(
        parquet,
        (root) => `SELECT ${columns} FROM read_parquet('${root}/${name}/*/*.parquet', hive_partitioning = true,
          hive_types_autocast = false) ORDER BY ALL`,
      );
    expect(readdirSync(out).some((name) => name === ".glue")).to.equal(engine === "spark");
    return {
      raw: await table("raw_orders", "* EXCLUDE (execution)"),
      orders: await table("orders", orderColumns),
      revenue: await table("daily_revenue", "*"),
      rejected: ending("/rejected.csv").map(String).sort(),
      counts: ending("/summary.json")
        .map((text) => {
          const { rowsIn, rowsWritten, rowsRejected } = JSON.parse(String(text)) as Readonly<Record<string, number>>;
          return [rowsIn, rowsWritten, rowsRejected];
        })
        .sort(),
    };
  };

  for (const stack of ["local", "prod"]) {
    it(`come to the same tables, rejected rows and counts on stack ${stack}`, async () => {
      const stood = await leftBy("stand-in", stack);
      expect(stood.orders.map(({ order_id: id }) => id)).to.deep.equal(['"', "A-2", "J-1", "J-4", "A-1"]);
      expect(await leftBy("spark", stack)).to.deep.equal(stood);
    });
  }
});
