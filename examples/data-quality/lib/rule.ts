import type { ColumnType } from "../../../functions/lib/csv/cells.ts";

/** What a rule compares with. */
export type RuleValue =
  | { readonly number: number }
  | { readonly text: string }
  | { readonly keyword: "NULL" | "EMPTY" | "WHITESPACES_ONLY" }
  /** So long before the time that freshness is measured against. */
  | { readonly secondsAgo: number };

/** Both bounds of `between` are outside, as in DQDL. */
export type Check =
  | { readonly operator: "=" | "!=" | ">" | ">=" | "<" | "<="; readonly value: RuleValue }
  | { readonly operator: "between" | "not between"; readonly low: RuleValue; readonly high: RuleValue }
  | { readonly operator: "in" | "not in"; readonly values: readonly RuleValue[] }
  | { readonly operator: "matches" | "not matches"; readonly pattern: string };

/** What a type of rule is about, and whether it takes an expression. */
export const ruleTypes = {
  RowCount: { of: "table", takes: "numbers" },
  ColumnCount: { of: "table", takes: "numbers" },
  ColumnExists: { of: "column", takes: "nothing" },
  IsComplete: { of: "column", takes: "nothing" },
  IsUnique: { of: "column", takes: "nothing" },
  IsPrimaryKey: { of: "column", takes: "nothing" },
  Completeness: { of: "column", takes: "numbers" },
  Uniqueness: { of: "column", takes: "numbers" },
  UniqueValueRatio: { of: "column", takes: "numbers" },
  DistinctValuesCount: { of: "column", takes: "numbers" },
  Mean: { of: "column", takes: "numbers" },
  ColumnValues: { of: "cells", takes: "values" },
  ColumnLength: { of: "cells", takes: "numbers" },
  ColumnDataType: { of: "cells", takes: "type" },
  DataFreshness: { of: "cells", takes: "durations" },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly of: "table" | "column" | "cells";
      readonly takes: "nothing" | "numbers" | "values" | "type" | "durations";
    }
  >
>;

export type RuleType = keyof typeof ruleTypes;

/** An error keeps a file from being accepted; a warning is reported. */
export type Severity = "error" | "warning";

/** A rule of Glue Data Quality's language, taken apart. */
export interface Rule {
  /** As it stands in the rules' file. */
  readonly text: string;
  readonly type: RuleType;
  readonly column?: string;
  readonly check?: Check;
  /** Of ColumnDataType. */
  readonly dataType?: ColumnType;
  /** Which share of the rows has to keep it. @default all */
  readonly threshold?: Check;
  readonly severity: Severity;
}
