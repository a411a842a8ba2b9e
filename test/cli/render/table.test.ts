import { expect } from "chai";
import { unpainted } from "../../../cli/render/style.ts";
import { table, type Column } from "../../../cli/render/table.ts";

interface Row {
  readonly name: string;
  readonly amount: string;
}

const SHAPE: readonly Column<Row>[] = [
  { title: "file", value: ({ name }) => name, flexible: true },
  { title: "rows", value: ({ amount }) => amount, align: "right" },
];

describe("table", () => {
  it("aligns columns under their titles", () => {
    const rows = [
      { name: "orders.csv", amount: "10,000" },
      { name: "注文.csv", amount: "7" },
    ];
    expect(table(rows, SHAPE, 80, unpainted)).to.deep.equal([
      "file          rows",
      "orders.csv  10,000",
      "注文.csv         7",
    ]);
  });

  it("cuts flexible columns to the terminal's width", () => {
    const [, line] = table([{ name: "a-very-long-name-of-a-file.csv", amount: "10,000" }], SHAPE, 24, unpainted);
    expect(line).to.equal("a-very-…file.csv  10,000").and.to.have.length.of.at.most(24);
  });

  it("does not cut a column below ten columns", () => {
    const [, line] = table([{ name: "abcdefghijklmnop", amount: "1" }], SHAPE, 5, unpainted);
    expect(line).to.equal("abcd…lmnop     1");
  });
});
