import { expect } from "chai";
import { parseContract } from "../lib/contract.ts";
import { parseRules } from "../lib/dqdl.ts";
import { contractDqdl, contractJson, orders } from "./contracts.ts";

describe("A ruleset in DQDL", () => {
  it("is taken apart, comments and line ends aside", () => {
    expect(
      parseRules(`# first
        Rules = [
          Completeness "a b" > 0.95, # most of them
          ColumnValues "c\\"d"
            not in [-1.5, "x", NULL] with threshold between 0.1 and 0.9 labels=["team"="x", "severity"="warning"]
        ]`),
    ).to.deep.equal([
      {
        text: 'Completeness "a b" > 0.95',
        type: "Completeness",
        column: "a b",
        check: { operator: ">", value: { number: 0.95 } },
        severity: "error",
      },
      {
        text: 'ColumnValues "c\\"d" not in [-1.5, "x", NULL] with threshold between 0.1 and 0.9',
        type: "ColumnValues",
        column: 'c"d',
        check: { operator: "not in", values: [{ number: -1.5 }, { text: "x" }, { keyword: "NULL" }] },
        threshold: { operator: "between", low: { number: 0.1 }, high: { number: 0.9 } },
        severity: "warning",
      },
    ]);
  });

  for (const [source, problem] of [
    [
      "Rules = [ ]",
      'line 1: a type of rule (RowCount, ColumnCount, ColumnExists, IsComplete, IsUnique, IsPrimaryKey, Completeness, Uniqueness, UniqueValueRatio, DistinctValuesCount, Mean, ColumnValues, ColumnLength, ColumnDataType, DataFreshness) is expected, got "]"',
    ],
    ["Rules = [ RowCount > 1", 'line 1: "]" is expected, got the end'],
    ["Rules = [\nRowCount > many ]", 'line 2: a number is expected, got "many"'],
    ["Rules = [ RowCount about 5 ]", 'line 1: = != > >= < <= between in is expected, got "about"'],
    ["Rules = [ IsComplete id ]", 'line 1: the name of a column in quotes is expected, got "id"'],
    ['Rules = [ ColumnValues "a" > "b" ]', 'line 1: a number or a date is expected, got "b"'],
    ['Rules = [ ColumnValues "a" < NULL ]', "line 1: NULL is neither more nor less than anything"],
    ['Rules = [ ColumnValues "a" matches "\\s" ]', "line 1: a pattern has no \\s"],
    ['Rules = [ ColumnValues "a" matches "(?<=x)y" ]', "line 1: a pattern has no (?"],
    ['Rules = [ DataFreshness "a" <= 3 fortnights ]', 'line 1: minutes, hours, days is expected, got "fortnights"'],
    [
      "Rules = [ RowCount > 1 with threshold > 0.5 ]",
      'line 1: no threshold, for the rule is not about single values, but is expected, got "threshold"',
    ],
    [
      'Rules = [ RowCount > 1 labels=["severity"="low"] ]',
      'line 1: the label severity is expected to be "error" or "warning", got "low"',
    ],
    [
      'Rules = [ ColumnDataType "a" = "BLOB" ]',
      'line 1: a type (BOOLEAN, DATE, TIMESTAMP, INTEGER, LONG, DOUBLE, FLOAT) is expected, got "BLOB"',
    ],
    ["Rules = [ RowCount > 1 ] ;", 'line 1: ";" begins nothing that DQDL has'],
  ] as const) {
    it(`is refused where it is ${source.replaceAll("\n", " ")}`, () => {
      expect(() => parseRules(source)).to.throw(problem);
    });
  }

  it("with a pattern that is none is refused", () => {
    expect(() => parseRules('Rules = [ ColumnValues "a" matches "(" ]')).to.throw(/line 1: a pattern is expected: /);
  });
});

describe("A data contract", () => {
  it("has what the example says", () => {
    expect(orders).to.include({ dataset: "orders", owner: "team:shop-data", drift: "compatible" });
    expect(orders.rules).to.have.length(12);
  });

  it("is refused with all that is wrong in it", () => {
    const wrong = JSON.stringify({
      ...(JSON.parse(contractJson) as object),
      dataset: "O",
      owner: "me",
      drift: "some",
      columns: { a: { tags: "PII" } },
    });
    expect(() => parseContract(wrong, contractDqdl.replace("RowCount > 0,", "RowCount > 0")))
      .to.throw()
      .with.property("message")
      .that.equals(
        [
          "The data contract is wrong:",
          '- dataset must be 1 to 40 lower-case letters, digits and _, the first a letter, got "O"',
          '- owner must be a URN such as "team:sales", got "me"',
          '- drift must be strict, compatible, any, got "some"',
          '- columns must be an object from column to { type, description, tags }, got {"a":{"tags":"PII"}}',
          '- the rules, line 4: "]" is expected, got "IsPrimaryKey"',
        ].join("\n"),
      );
  });
});
