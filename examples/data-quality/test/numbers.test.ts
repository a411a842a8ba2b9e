import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { expect } from "chai";
import { fileURLToPath } from "node:url";
import { orders, profileOf, sample } from "./contracts.ts";

const files = ["orders-2025-12-29.csv", "orders-2025-12-31-schema-drift.csv"];

describe("The profile's numbers are DuckDB's", () => {
  let duckDb: DuckDBConnection;
  before(async () => {
    duckDb = await (await DuckDBInstance.create(":memory:")).connect();
  });
  after(() => {
    duckDb.closeSync();
  });

  const ask = async (query: string): Promise<Record<string, unknown>> => {
    const [row] = (await duckDb.runAndReadAll(query)).getRowObjectsJson();
    return row ?? {};
  };

  for (const file of files) {
    it(`of ${file}`, async () => {
      const profile = await profileOf(sample(file));
      const path = fileURLToPath(new URL(`../samples/${file}`, import.meta.url));
      const table = `read_csv('${path}', header = true, all_varchar = true, nullstr = '')`;
      expect(await ask(`SELECT count(*)::INT AS rows FROM ${table}`)).to.deep.equal({ rows: profile.rows });
      for (const column of profile.columns) {
        const { name, type, values, empty, distinct, once, min, max, mean, shortest, longest, top } = column;
        const typed = type === "bigint" || type === "double" ? `"${name}"::DOUBLE` : `"${name}"`;
        const asked = await ask(
          `SELECT count("${name}")::INT AS values, count(*)::INT - count("${name}")::INT AS empty,
            count(DISTINCT "${name}")::INT AS distinct, min(length("${name}"))::INT AS shortest,
            max(length("${name}"))::INT AS longest, arg_min("${name}", ${typed}) AS min, arg_max("${name}", ${typed}) AS max,
            (SELECT count(*)::INT FROM (FROM ${table} SELECT "${name}" WHERE "${name}" IS NOT NULL GROUP BY 1 HAVING count(*) = 1)) AS once,
            (SELECT max(times)::INT FROM (FROM ${table} SELECT count(*) AS times WHERE "${name}" IS NOT NULL GROUP BY "${name}")) AS most
          FROM ${table}`,
        );
        expect(asked, name).to.deep.equal({
          values,
          empty,
          distinct,
          shortest,
          longest,
          min,
          max,
          once,
          most: top[0]?.count,
        });
        if (mean === null) continue;
        const { average } = await ask(`SELECT avg("${name}"::DOUBLE) AS average FROM ${table}`);
        expect(mean, name).to.be.closeTo(Number(average), 1e-9 * Number(average));
      }
    });
  }

  it("where rules are broken: as many rows break each as DuckDB counts", async () => {
    const file = "orders-2025-12-30-broken-rules.csv";
    const { rules, rows } = await profileOf(sample(file), { rules: orders.rules });
    const path = fileURLToPath(new URL(`../samples/${file}`, import.meta.url));
    const table = `read_csv('${path}', header = true, all_varchar = true, nullstr = '', ignore_errors = true)`;
    const counted = await ask(`SELECT
      count(*)::INT AS rows,
      count(*) FILTER (customer_email IS NULL)::INT AS missing,
      count(*) FILTER (NOT coalesce(regexp_full_match(customer_email, '[^@ ]+@[^@ ]+\\.[a-z]{2,}'), false))::INT AS emails,
      count(*) FILTER (NOT (amount::DOUBLE > 0 AND amount::DOUBLE < 10000))::INT AS amounts,
      count(*) FILTER (currency NOT IN ('EUR', 'USD', 'GBP'))::INT AS currencies,
      count(*) FILTER (status NOT IN ('new', 'paid', 'shipped', 'returned'))::INT AS statuses,
      count(*) FILTER (length(country) <> 2)::INT AS countries,
      count(*) FILTER (try_cast(ordered_at AS TIMESTAMP) IS NULL)::INT AS times,
      (count(*) - (SELECT count(*) FROM (FROM ${table} SELECT order_id GROUP BY 1 HAVING count(*) = 1)))::INT AS keys
    FROM ${table}`);
    const failed = (start: string) => rules.find(({ rule }) => rule.startsWith(start))?.failed;
    expect({
      rows,
      missing: failed('IsComplete "customer_email"'),
      emails: failed('ColumnValues "customer_email"'),
      amounts: failed('ColumnValues "amount"'),
      currencies: failed('ColumnValues "currency"'),
      statuses: failed('ColumnValues "status"'),
      countries: failed('ColumnLength "country"'),
      times: failed('ColumnDataType "ordered_at"'),
      keys: failed('IsPrimaryKey "order_id"'),
    }).to.deep.equal(counted);
  });

  it("nearly, and said to be an estimate, beyond the values that are counted one by one", async () => {
    const content = `a\n${Array.from({ length: 60_000 }, (_, index) => `value ${index % 30_011}\n`).join("")}`;
    const [column] = (await profileOf(content)).columns;
    expect(column?.distinctIsExact).to.equal(false);
    expect(column?.distinct).to.be.closeTo(30_011, 30_011 * 0.05);
    const [watched] = (await profileOf(content, 'IsUnique "a"')).columns;
    expect(watched).to.deep.include({ distinctIsExact: true, distinct: 30_011, once: 22 });
  });

  it("of a column whose values are all different, though they are too many to count", async () => {
    const content = `a\n${Array.from({ length: 20_000 }, (_, index) => `value ${index}\n`).join("")}`;
    const [column] = (await profileOf(content)).columns;
    expect(column).to.deep.include({ distinctIsExact: false, distinct: 20_000, once: 20_000 });
  });
});
