import { expect } from "chai";
import type { RuleResult } from "../lib/profile.ts";
import { finding } from "../lib/words.ts";
import { profileOf } from "./contracts.ts";

const table = (column: string, ...values: readonly string[]): string =>
  `id,${column}\n${values.map((value, index) => `${index},${value}\n`).join("")}`;

/** A rule, a file that keeps it, one that breaks it, and what is said of that. */
const examples: readonly (readonly [rule: string, kept: string, broken: string, finding: string])[] = [
  ["RowCount > 1", table("a", "1", "2"), table("a", "1"), "1"],
  ["RowCount between 1 and 3", table("a", "1", "2"), table("a", "1", "2", "3"), "3"],
  ["ColumnCount = 2", table("a", "1"), "id\n1\n", "1"],
  ['ColumnExists "a"', table("a"), table("b"), 'there is no column "a"'],
  ['IsComplete "a"', table("a", "x", "y"), table("a", "x", "", "z"), "1 of 3 rows"],
  ['IsUnique "a"', table("a", "x", "", "", "y"), table("a", "x", "y", "x"), "2 of 3 rows"],
  ['IsPrimaryKey "a"', table("a", "x", "y"), table("a", "x", "", "y"), "1 of 3 rows"],
  ['Completeness "a" >= 0.75', table("a", "x", "", "y", "z"), table("a", "x", "", "y"), "66.7 %"],
  ['Completeness "a" > 0.5', table("a", "x"), table("a"), "there is nothing to measure"],
  ['Uniqueness "a" > 0.5', table("a", "x", "y", ""), table("a", "x", "x", "y"), "33.3 %"],
  ['UniqueValueRatio "a" = 1', table("a", "x", "y"), table("a", "x", "x", "y"), "50 %"],
  ['DistinctValuesCount "a" in [2, 3]', table("a", "x", "y", "x"), table("a", "x", "x"), "1"],
  ['Mean "a" between 1 and 2', table("a", "1", "1.5", "2"), table("a", "1", "3"), "2"],
  ['Mean "a" > 0', table("a", "1"), table("a", "x"), "there is nothing to measure"],
  ['ColumnValues "a" in ["x", "y"]', table("a", "x", "y"), table("a", "x", "Y"), '1 of 2 rows, first on line 3: "Y"'],
  ['ColumnValues "a" in ["x", NULL]', table("a", "x", ""), table("a", " "), '1 of 1 rows, first on line 2: " "'],
  ['ColumnValues "a" not in ["x"]', table("a", "y", ""), table("a", "x"), '1 of 1 rows, first on line 2: "x"'],
  ['ColumnValues "a" in [1, 2]', table("a", "1.0", "+2"), table("a", "one"), '1 of 1 rows, first on line 2: "one"'],
  ['ColumnValues "a" > 0', table("a", "0.1", "1e9"), table("a", "0", ""), '2 of 2 rows, first on line 2: "0"'],
  [
    'ColumnValues "a" between 0 and 10',
    table("a", "0.001", "9"),
    table("a", "10"),
    '1 of 1 rows, first on line 2: "10"',
  ],
  [
    'ColumnValues "a" not between 0 and 10',
    table("a", "0", "11"),
    table("a", "1"),
    '1 of 1 rows, first on line 2: "1"',
  ],
  ['ColumnValues "a" != NULL', table("a", "x"), table("a", ""), "1 of 1 rows, first on line 2: empty"],
  [
    'ColumnValues "a" matches "[A-Z]{2}\\d"',
    table("a", "AB1"),
    table("a", "AB12"),
    '1 of 1 rows, first on line 2: "AB12"',
  ],
  ['ColumnValues "a" not matches ".*@.*"', table("a", "x"), table("a", "x@y"), '1 of 1 rows, first on line 2: "x@y"'],
  [
    'ColumnValues "a" >= "2026-01-01"',
    table("a", "2026-01-01", "2026-01-01T00:00:00Z"),
    table("a", "2025-12-31T23:59:59Z"),
    '1 of 1 rows, first on line 2: "2025-12-31T23:59:59Z"',
  ],
  [
    'ColumnValues "a" > (now() - 3 days)',
    table("a", "2026-01-05T00:00:01Z"),
    table("a", "2026-01-05"),
    '1 of 1 rows, first on line 2: "2026-01-05"',
  ],
  [
    'ColumnValues "a" > 0 with threshold >= 0.5',
    table("a", "1", "-1"),
    table("a", "1", "-1", "-2"),
    '2 of 3 rows, first on line 3: "-1"',
  ],
  ['ColumnLength "a" = 2', table("a", "😀😀", "éé"), table("a", "", "xyz"), "2 of 2 rows, first on line 2: empty"],
  ['ColumnDataType "a" = "INTEGER"', table("a", "1", ""), table("a", "1.5"), '1 of 1 rows, first on line 2: "1.5"'],
  [
    'ColumnDataType "a" = "Date"',
    table("a", "2024-02-29"),
    table("a", "2026-02-29"),
    '1 of 1 rows, first on line 2: "2026-02-29"',
  ],
  [
    'DataFreshness "a" <= 24 hours',
    table("a", "2026-01-07", "2026-01-07T12:00:00+01:00"),
    table("a", "2026-01-06T23:59:59Z"),
    '1 of 1 rows, first on line 2: "2026-01-06T23:59:59Z"',
  ],
];

describe("Rules", () => {
  const only = async (content: string, rule: string): Promise<RuleResult> => {
    const { rules } = await profileOf(content, rule);
    const [result, ...others] = rules.slice(1);
    if (result === undefined || others.length > 0) throw new Error(`${rules.length} results`);
    return result;
  };

  for (const [rule, kept, broken, said] of examples) {
    it(`${rule} is kept by one file and broken by another`, async () => {
      expect(await only(kept, rule)).to.include({ rule, passed: true, problem: null });
      const result = await only(broken, rule);
      expect(result).to.include({ rule, passed: false });
      expect(finding(result, { rows: broken.trimEnd().split("\n").length - 1 })).to.equal(said);
    });
  }

  it("count malformed rows, and leave them out of everything else", async () => {
    const content = 'a,b\n1,2\n3\n"4"x,5\n6,7\n';
    const strict = await profileOf(content, { maxMalformedRows: 1 });
    expect(strict).to.deep.include({ passed: false, rows: 2, malformedRows: 2 });
    expect(strict.rules).to.deep.equal([
      {
        rule: "MalformedRows <= 1",
        type: "MalformedRows",
        column: null,
        severity: "error",
        passed: false,
        problem: null,
        actual: 2,
        exact: true,
        failed: 2,
        examples: [
          { line: 3, value: null },
          { line: 4, value: null },
        ],
      },
    ]);
    expect((await profileOf(content, { maxMalformedRows: 2 })).passed).to.equal(true);
  });

  it("that only warn let a file pass", async () => {
    const rule = 'RowCount > 5 labels=["severity"="warning"]';
    expect(await profileOf(table("a", "1"), rule)).to.deep.include({ passed: true });
  });

  it("tell the first five rows that break them, and nothing of personal data but the lines", async () => {
    const content = table("a", ..."abcdefg".split(""));
    const { rules } = await profileOf(content, 'ColumnValues "a" matches "[0-9]"');
    expect(rules[1]).to.deep.include({ failed: 7, actual: 0 });
    expect(rules[1]?.examples.map(({ line, value }) => `${line}${value ?? ""}`)).to.deep.equal([
      "2a",
      "3b",
      "4c",
      "5d",
      "6e",
    ]);
    const masked = await profileOf(content, { masked: ["a"], rules: rulesOf(rules) });
    expect(JSON.stringify([masked.columns[1], masked.rules])).not.to.match(/"value":"/);
    expect(masked.columns[1]).to.deep.include({ min: null, max: null, mean: null, masked: true, distinct: 7 });
  });

  it("say of a file that is no CSV why, and nothing else", async () => {
    expect(await profileOf(Buffer.from([0x61, 0x0a, 0xff]), "RowCount > 0")).to.deep.include({
      passed: false,
      unreadable: "the file is not UTF-8 text: bad byte at offset 2",
      bytes: 3,
      rows: 0,
      columns: [],
      rules: [],
    });
  });
});

const rulesOf = (results: readonly RuleResult[]) =>
  results.slice(1).map(({ rule: text }) => ({
    text,
    type: "ColumnValues" as const,
    column: "a",
    severity: "error" as const,
    check: { operator: "matches" as const, pattern: "[0-9]" },
  }));
