import { expect } from "chai";
import type { ColumnType } from "../../../functions/lib/csv/cells.ts";
import { driftOf, type Schema } from "../lib/schema-drift.ts";

const schema = (columns: Readonly<Record<string, ColumnType | null>>): Schema =>
  Object.entries(columns).map(([name, type]) => ({ name, type }));

const accepted = schema({ id: "bigint", price: "double", day: "date", note: null });

const cases: readonly (readonly [what: string, found: Schema, kind: string, changes: readonly string[]])[] = [
  ["none where nothing is different", accepted, "none", []],
  ["compatible where a column is added", [...accepted, { name: "new", type: "string" }], "compatible", ["new added"]],
  [
    "compatible where a column has only whole numbers",
    schema({ id: "bigint", price: "bigint", day: "date", note: null }),
    "compatible",
    ["price type narrowed"],
  ],
  [
    "compatible where a column has its first values",
    schema({ id: "bigint", price: "double", day: "date", note: "boolean" }),
    "compatible",
    ["note type found"],
  ],
  [
    "compatible where columns have changed places",
    schema({ price: "double", id: "bigint", day: "date", note: null }),
    "compatible",
    ["price moved", "id moved"],
  ],
  ["none where a column has no values", schema({ id: null, price: "double", day: "date", note: null }), "none", []],
  [
    "breaking where a column is removed",
    schema({ id: "bigint", price: "double", day: "date" }),
    "breaking",
    ["note removed"],
  ],
  [
    "breaking where a column is renamed",
    schema({ ID: "bigint", price: "double", day: "date", note: null }),
    "breaking",
    ["id removed", "ID added"],
  ],
  [
    "breaking where a type is wider",
    schema({ id: "double", price: "double", day: "date", note: null }),
    "breaking",
    ["id type changed"],
  ],
  [
    "breaking where a type is another",
    schema({ id: "bigint", price: "double", day: "timestamp", note: null }),
    "breaking",
    ["day type changed"],
  ],
];

describe("Drift of a schema", () => {
  for (const [what, found, kind, changes] of cases) {
    it(`is ${what}`, () => {
      const drift = driftOf(accepted, found, "compatible");
      expect(drift.kind).to.equal(kind);
      expect(drift.changes.map(({ column, change }) => `${column} ${change}`)).to.deep.equal(changes);
      expect(drift.passes).to.equal(kind !== "breaking");
      expect(driftOf(accepted, found, "strict").passes).to.equal(kind === "none");
      expect(driftOf(accepted, found, "any").passes).to.equal(true);
    });
  }

  it("is not looked for where nothing has been accepted", () => {
    expect(driftOf(undefined, accepted, "strict")).to.deep.equal({
      kind: "first",
      changes: [],
      passes: true,
      merged: accepted,
    });
  });

  it("keeps what is accepted wide, and learns what was not known", () => {
    const found = schema({ price: "bigint", id: null, day: "date", note: "string", more: "double" });
    expect(driftOf(accepted, found, "compatible").merged).to.deep.equal(
      schema({ price: "double", id: "bigint", day: "date", note: "string", more: "double" }),
    );
  });

  it("takes over another type only where any change is let through", () => {
    const found = schema({ id: "string", price: "double", day: "date" });
    expect(driftOf(accepted, found, "any").merged).to.deep.equal(found);
  });
});
