import { numberHolds } from "./cell-checks.ts";
import type { ColumnProfiler } from "./column-profiler.ts";
import type { RuleResult } from "./profile.ts";
import type { RowRule } from "./row-rule.ts";
import type { Rule } from "./rule.ts";

interface Table {
  readonly rows: number;
  readonly columns: readonly ColumnProfiler[];
}

/** What came of a rule. */
export const judge = (rule: Rule, rowRule: RowRule | undefined, table: Table): RuleResult => {
  const { type, column: name = null, severity, check, threshold } = rule;
  const column = table.columns.find((candidate) => candidate.name === name);
  const result: RuleResult = {
    rule: rule.text,
    type,
    column: name,
    severity,
    passed: false,
    problem: null,
    actual: null,
    exact: true,
    failed: null,
    examples: [],
  };
  if (name !== null && column === undefined) return { ...result, problem: "missing column" };
  if (rowRule !== undefined) {
    const { failed, examples } = rowRule;
    const actual = ratio(table.rows - failed, table.rows);
    const passed = threshold !== undefined && actual !== null ? numberHolds(threshold, actual) : failed === 0;
    return { ...result, passed, actual, failed, examples };
  }
  const measured = { ...result, ...measure(rule, column, table) };
  return {
    ...measured,
    passed: check === undefined ? (measured.failed ?? 0) === 0 : numberHolds(check, measured.actual),
  };
};

/** What a rule about a column or the table as a whole looks at. */
const measure = (
  { type }: Rule,
  column: ColumnProfiler | undefined,
  { rows, columns }: Table,
): Partial<Pick<RuleResult, "actual" | "failed" | "exact">> => {
  if (type === "RowCount") return { actual: rows };
  if (type === "ColumnCount") return { actual: columns.length };
  if (column === undefined || type === "ColumnExists") return {};
  if (type === "Mean") return { actual: column.mean };
  if (type === "Completeness") return { actual: ratio(column.values, rows) };
  if (type === "IsComplete") return { failed: column.empty };
  const { distinct, once, isExact: exact } = column.distinct.describe();
  switch (type) {
    case "IsUnique":
      return { failed: column.values - once, exact };
    case "IsPrimaryKey":
      return { failed: column.values - once + column.empty, exact };
    case "DistinctValuesCount":
      return { actual: distinct, exact };
    case "Uniqueness":
      return { actual: ratio(once, column.values), exact };
    case "UniqueValueRatio":
      return { actual: ratio(once, distinct), exact };
    default:
      throw new Error(`the rule ${type} is about single values`);
  }
};

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** The one rule that is the contract's own and not DQDL's. */
export const malformedRows = (found: number, lines: readonly number[], allowed: number): RuleResult => ({
  rule: `MalformedRows <= ${allowed}`,
  type: "MalformedRows",
  column: null,
  severity: "error",
  passed: found <= allowed,
  problem: null,
  actual: found,
  exact: true,
  failed: found,
  examples: lines.map((line) => ({ line, value: null })),
});
