import type { Profile } from "./profile.ts";
import { driftOf, type Drift, type DriftMode, type Schema } from "./schema-drift.ts";
import { changeInWords, finding } from "./words.ts";

/** Whether a file is accepted, and why not: small enough to go from state to state. */
export interface Verdict {
  readonly passed: boolean;
  readonly reasons: readonly string[];
  /** Rules that only warn and are not kept. */
  readonly warnings: readonly string[];
  readonly rows: number;
  readonly drift: Drift["kind"];
}

const mostReasons = 10;
const longestReason = 200;

export const schemaOf = ({ columns }: Pick<Profile, "columns">): Schema =>
  columns.map(({ name, type }) => ({ name, type }));

/** Judges a profile, its schema against the last accepted one. */
export const verdictOf = (profile: Profile, accepted: Schema | undefined, mode: DriftMode): Verdict => {
  if (profile.unreadable !== null) {
    const reasons = bounded([`The file cannot be read: ${profile.unreadable}`]);
    return { passed: false, reasons, warnings: [], rows: 0, drift: "none" };
  }
  const drift = driftOf(accepted, schemaOf(profile), mode);
  const broken = profile.rules.filter(({ passed }) => !passed);
  const told = (severity: "error" | "warning"): readonly string[] =>
    broken.filter((rule) => rule.severity === severity).map((rule) => `${rule.rule}: ${finding(rule, profile)}`);
  const refused = drift.changes.filter(({ isBreaking }) => isBreaking || mode === "strict");
  const reasons = [
    ...told("error"),
    ...(drift.passes ? [] : refused.map((change) => `Schema: ${changeInWords(change)}`)),
  ];
  return {
    passed: reasons.length === 0,
    reasons: bounded(reasons),
    warnings: bounded(told("warning")),
    rows: profile.rows,
    drift: drift.kind,
  };
};

const bounded = (texts: readonly string[]): readonly string[] => {
  const short = texts.map((text) => (text.length > longestReason ? `${text.slice(0, longestReason)}…` : text));
  if (short.length <= mostReasons) return short;
  return [...short.slice(0, mostReasons - 1), `… and ${short.length - mostReasons + 1} more`];
};
