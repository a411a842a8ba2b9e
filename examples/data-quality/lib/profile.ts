import type { ColumnType } from "../../../functions/lib/csv/cells.ts";
import type { RuleType, Severity } from "./rule.ts";

/** What the profiling job writes: `profile.json`. */
export interface Profile {
  readonly dataset: string;
  /** What freshness was measured against. */
  readonly asOf: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether every rule is kept that is no warning. */
  readonly passed: boolean;
  /** Why the file is no CSV; null: it is. */
  readonly unreadable: string | null;
  readonly rows: number;
  /** Not among the rows. */
  readonly malformedRows: number;
  readonly columns: readonly ColumnProfile[];
  readonly rules: readonly RuleResult[];
}

export interface ColumnProfile {
  readonly name: string;
  /** What every value is; null: there is none. */
  readonly type: ColumnType | null;
  readonly values: number;
  readonly empty: number;
  readonly distinct: number;
  /** Values that occur once. */
  readonly once: number;
  /** Beyond a bound they are estimated. */
  readonly distinctIsExact: boolean;
  readonly min: string | null;
  readonly max: string | null;
  readonly mean: number | null;
  /** In characters. */
  readonly shortest: number | null;
  readonly longest: number | null;
  readonly top: readonly { readonly value: string | null; readonly count: number }[];
  /** Personal data: its values are not told. */
  readonly masked: boolean;
}

export interface RuleResult {
  readonly rule: string;
  readonly type: RuleType | "MalformedRows";
  readonly column: string | null;
  readonly severity: Severity;
  readonly passed: boolean;
  /** Why it could not be looked at. */
  readonly problem: "missing column" | null;
  /** What was measured; of rules about single values the share that keeps it. */
  readonly actual: number | null;
  readonly exact: boolean;
  /** Rows that break it, of rules that rows can break. */
  readonly failed: number | null;
  readonly examples: readonly { readonly line: number; readonly value: string | null }[];
}
