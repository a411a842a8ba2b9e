import type { Governance } from "./contract.ts";
import type { LineagePlace } from "./lineage.ts";
import type { ColumnProfile, Profile, RuleResult } from "./profile.ts";
import type { Drift } from "./schema-drift.ts";
import { bytes, count, percent } from "./words.ts";

/** All that a report tells of one file. */
export interface Report {
  readonly outcome: "accepted" | "quarantined";
  /** ISO 8601. */
  readonly at: string;
  readonly origin: string;
  readonly file: LineagePlace;
  readonly contract: Governance;
  readonly profile: Profile;
  /** Undefined: there was no schema to compare. */
  readonly drift: Drift | undefined;
  /** Of the accepted schema. */
  readonly schemaVersion: number | undefined;
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
  /** Where the file's copy is. */
  readonly copy: LineagePlace;
}

/** The figures at the top. */
export const figures = ({ profile }: Report): readonly (readonly [label: string, value: string])[] => {
  const kept = profile.rules.filter(({ passed }) => passed).length;
  const cells = profile.columns.reduce((sum, { values, empty }) => sum + values + empty, 0);
  const filled = profile.columns.reduce((sum, { values }) => sum + values, 0);
  return [
    ["rows", count(profile.rows)],
    ["columns", count(profile.columns.length)],
    ["rules kept", `${kept} of ${profile.rules.length}`],
    ["cells filled", cells === 0 ? "–" : percent(filled / cells)],
    ["size", bytes(profile.bytes)],
  ];
};

export const ruleState = ({ passed, severity }: RuleResult): "kept" | "warning" | "broken" =>
  passed ? "kept" : severity === "warning" ? "warning" : "broken";

/** What a reader wants first: what is broken, then what only warns. */
export const byWeight = (rules: readonly RuleResult[]): readonly RuleResult[] => {
  const weights = { broken: 0, warning: 1, kept: 2 };
  return [...rules].sort((left, right) => weights[ruleState(left)] - weights[ruleState(right)]);
};

export const completeness = ({ values, empty }: ColumnProfile): number | undefined =>
  values + empty === 0 ? undefined : values / (values + empty);

export const distinct = ({ distinct: values, distinctIsExact }: ColumnProfile): string =>
  distinctIsExact ? count(values) : `about ${count(values)}`;

/** The range of a column's values, where it may be told. */
export const range = ({ min, max, masked }: ColumnProfile): string => {
  if (masked) return "masked";
  if (min === null || max === null) return "–";
  return min === max ? min : `${min} … ${max}`;
};

export const lengths = ({ shortest, longest }: ColumnProfile): string => {
  if (shortest === null || longest === null) return "–";
  return shortest === longest ? count(longest) : `${count(shortest)} … ${count(longest)}`;
};

/** When the file was looked at, to the minute. */
export const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
