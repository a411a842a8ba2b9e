import { expect } from "chai";

import { parseCell, type Cell, type ColumnType } from "../../../../functions/lib/csv/cells.ts";

const DAY = 86_400_000_000n;

const accepted: readonly (readonly [ColumnType, string, Cell])[] = [
  ["string", "", ""],
  ["string", " x ", " x "],
  ["bigint", "", null],
  ["bigint", "-9223372036854775808", -(2n ** 63n)],
  ["bigint", "+009", 9n],
  ["double", "1.", 1],
  ["double", "-.5e-3", -0.0005],
  ["double", "1e-400", 0],
  ["boolean", "TRUE", true],
  ["boolean", "false", false],
  ["date", "1970-01-02", 1],
  ["date", "0001-01-01", -719_162],
  ["date", "9999-12-31", 2_932_896],
  ["timestamp", "1970-01-02T00:00:00Z", DAY],
  ["timestamp", "1970-01-02 00:00:00", DAY],
  ["timestamp", "1970-01-02T00:00:00.000001-01:30", DAY + 5_400_000_001n],
  ["timestamp", "1969-12-31T23:59:59.5Z", -500_000n],
];

const refused: readonly (readonly [ColumnType, string])[] = [
  ["bigint", "9223372036854775808"],
  ["bigint", "1.0"],
  ["bigint", " 1"],
  ["bigint", "１"],
  ["bigint", "1\n"],
  ["double", "1e309"],
  ["double", "NaN"],
  ["double", "0x10"],
  ["double", "."],
  ["boolean", "yes"],
  ["boolean", "1"],
  ["date", "2023-02-29"],
  ["date", "2023-00-10"],
  ["date", "0000-01-01"],
  ["date", "2023-1-1"],
  ["timestamp", "2023-02-29T00:00:00Z"],
  ["timestamp", "2023-01-01T24:00:00Z"],
  ["timestamp", "2023-01-01T00:00:00.1234567Z"],
  ["timestamp", "2023-01-01"],
  ["timestamp", "0001-01-01T00:00:00+00:01"],
  ["timestamp", "9999-12-31T23:59:59-00:01"],
];

describe("parseCell", () => {
  for (const [type, text, cell] of accepted) {
    it(`reads ${JSON.stringify(text)} as a ${type}`, () => {
      expect(parseCell(type, text)).to.equal(cell);
    });
  }

  for (const [type, text] of refused) {
    it(`does not take ${JSON.stringify(text)} for a ${type}`, () => {
      expect(parseCell(type, text)).to.equal(undefined);
    });
  }
});
