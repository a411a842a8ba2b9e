import { readFileSync } from "node:fs";

import { expect } from "chai";

import { convertCsv } from "../../functions/lib/csv/convert-csv.ts";
import { makeOrders } from "../../samples/make-orders.ts";
import { piecesOf } from "../functions/stand-ins/buckets.ts";

const SAMPLE = readFileSync(new URL("../../samples/orders.csv", import.meta.url));

describe("samples/orders.csv", () => {
  it("is what make-orders.ts makes", () => {
    expect(SAMPLE.toString("utf8") === makeOrders()).to.equal(true);
  });

  it("has 10,000 rows that are fine and 3 that are not", async () => {
    const conversion = await convertCsv(
      piecesOf(SAMPLE, 65_536),
      new Map([
        ["order_id", "bigint"],
        ["ordered_at", "timestamp"],
        ["quantity", "bigint"],
        ["unit_price", "double"],
      ]),
    );
    expect(conversion).to.include({ rowsIn: 10_003, rowsWritten: 10_000, rowsRejected: 3, bytesIn: SAMPLE.length });
  });
});
