import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { BareLake } from "./bare-lake.ts";
import type { File } from "./duckdb.ts";
import { expectedOf, orderColumns } from "./expected.ts";

const sample = (name: string): File => ({
  name,
  content: readFileSync(new URL(`../samples/${name}`, import.meta.url), "utf8"),
});
const web = sample("1-web-orders.csv");
const store = sample("2-store-orders.jsonl");

const revenueColumns = "day, region, category, orders, quantity, revenue_cents";

async function expectTables(lake: BareLake, files: readonly File[]): Promise<void> {
  const expected = await expectedOf(files);
  expect(await lake.rows("orders", orderColumns, "order_id")).to.deep.equal(expected.orders);
  const revenue = await lake.rows("daily_revenue", revenueColumns, "day, region, category");
  expect(revenue).to.deep.equal(expected.revenue);
}

describe("The data lake's stages", () => {
  it("come to what SQL makes of the files, and read the second file only when it comes", async () => {
    const lake = new BareLake();
    lake.land(web);
    expect(await lake.ingest(web.name, "a")).to.deep.equal({ rowsIn: 243, rowsWritten: 241, rowsRejected: 2 });
    expect(await lake.transform("a")).to.deep.include({ objectsRead: 1, rowsIn: 241, rowsRejected: 3 });
    expect(await lake.aggregate("a")).to.deep.include({
      days: ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"],
    });
    await expectTables(lake, [web]);

    // Whoever read this again would fail.
    lake.buckets.objects.set("lake/raw_orders/execution=a/part-00000.parquet", Buffer.from("poison"));
    lake.land(store);
    expect(await lake.ingest(store.name, "b")).to.deep.include({ rowsWritten: 186, rowsRejected: 1 });
    expect(await lake.transform("b")).to.deep.include({ objectsRead: 1, rowsIn: 186, rowsRejected: 0 });
    await lake.aggregate("b");
    await expectTables(lake, [web, store]);
    expect(await lake.transform("c")).to.deep.include({ objectsRead: 0, rowsIn: 0, days: [] });
    expect(await lake.aggregate("c")).to.deep.include({ objectsRead: 0, days: [] });
  });

  it("say where each rejected row landed, and why", async () => {
    const lake = new BareLake();
    lake.land(web);
    await lake.ingest(web.name, "a");
    await lake.transform("a");
    expect(lake.buckets.text("lake/raw_orders/execution=a/_rejected/rejected.csv")).to.equal(
      "line,reason,content\n" +
        '25,"order_id is empty",",2026-01-05T11:52:00Z,2026-01-05T13:10:00Z,cancelled,US,kitchen,3,22.29"\n' +
        '244,"expected 8 fields, got 3","W-99999,2026-01-06T10:00:00Z,paid"\n',
    );
    expect(lake.buckets.text("lake/orders/_rejected/execution=a/rejected.csv")).to.equal(
      "source,line,order_id,reason\n" +
        '"1-web-orders.csv","22","W-00021","quantity is not a whole number from 1"\n' +
        '"1-web-orders.csv","23","W-00022","ordered_at is not a timestamp"\n' +
        '"1-web-orders.csv","24","W-00023","unit_price is not an amount"\n',
    );
  });

  it("refuse a file that is none of orders as a whole, and write nothing of it", async () => {
    const files = [
      { name: "binary.csv", content: "order_id\0", says: "NUL byte at offset 8" },
      {
        name: "other.csv",
        content: "order_id,status\nW-1,paid\n",
        says: "has no column ordered_at, updated_at, country",
      },
      { name: "blank.csv", content: "\n\n", says: "no header row" },
    ];
    for (const { says, ...file } of files) {
      const lake = new BareLake();
      lake.land(file);
      const error: unknown = await lake.ingest(file.name, "a").catch((failure: unknown) => failure);
      expect(String(error)).to.contain(says);
      expect([...lake.buckets.objects.keys()]).to.deep.equal([`landing/${file.name}`]);
    }
  });

  it("take a day away whose last order has gone to another day", async () => {
    const lake = new BareLake();
    const file = (name: string, ...lines: readonly string[]): File => ({
      name,
      content: [header, ...lines, ""].join("\n"),
    });
    const first = file("first.csv", "A,2026-01-05T10:00:00Z,2026-01-05T10:00:00Z,paid,DE,books,1,10.00");
    const second = file("second.csv", "A,2026-01-06T10:00:00Z,2026-01-06T10:00:00Z,paid,DE,books,2,10.00");
    for (const [index, { name, content }] of [first, second].entries()) {
      lake.land({ name, content });
      await lake.ingest(name, `e${index}`);
      await lake.transform(`e${index}`);
      await lake.aggregate(`e${index}`);
    }
    await expectTables(lake, [first, second]);
    expect(await lake.rows("daily_revenue", "day, revenue_cents", "day")).to.deep.equal([
      { day: "2026-01-06", revenue_cents: 2000n },
    ]);
  });

  it("come to the same tables whatever the files' order, their repetitions and the runs that die on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someFile, { minLength: 1, maxLength: 4 }),
        fc.array(someStep, { maxLength: 14 }),
        async (contents, steps) => {
          const files = contents.map((content, index) => ({ name: `${index}.csv`, content }));
          const lake = new BareLake();
          files.forEach((file) => {
            lake.land(file);
          });
          for (const { what, which, failsAfter } of steps) {
            const name = `${which % files.length}.csv`;
            if (what === "ingest") await lake.ingest(name, name);
            else await lake[what](name, failsAfter).catch(() => undefined);
          }
          for (const { name } of files) await lake.ingest(name, name);
          await lake.transform("last");
          await lake.aggregate("last");
          await expectTables(lake, files);
        },
      ),
      { numRuns: 40 },
    );
  });
});

const header = "order_id,ordered_at,updated_at,status,country,category,quantity,unit_price";

const someMoment = fc.integer({ min: 0, max: 71 }).map((hour) => new Date(Date.UTC(2026, 0, 5, hour)).toISOString());

const someLine = fc
  .tuple(
    fc.constantFrom("A", "b", " C ", "D", "E", ""),
    someMoment,
    fc.oneof({ weight: 9, arbitrary: someMoment }, { weight: 1, arbitrary: fc.constant("yesterday") }),
    fc.constantFrom("paid", "Shipped", "cancelled", "lost"),
    fc.constantFrom("DE", "us", "JP", "ZZ"),
    fc.constantFrom("books", " Games "),
    fc.constantFrom("1", "2", "0", "many"),
    fc.constantFrom("10.00", "0.1", "7", "free"),
  )
  .map((values) => values.join(","));

const someFile = fc.array(someLine, { maxLength: 6 }).map((lines) => [header, ...lines, ""].join("\n"));

const someStep = fc.record({
  what: fc.constantFrom("ingest", "transform", "aggregate"),
  which: fc.nat(),
  failsAfter: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 4 })),
});
