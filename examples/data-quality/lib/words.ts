import type { Profile, RuleResult } from "./profile.ts";
import type { Drift, SchemaChange } from "./schema-drift.ts";

const whole = new Intl.NumberFormat("en-US");
const fraction = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

export const count = (number: number): string => whole.format(number);
export const measured = (number: number): string => fraction.format(number);

/** For people: 100 % is said of the whole only, and 0 % of nothing. */
export const percent = (share: number): string => {
  const text = (share * 100).toFixed(1);
  if (share < 1 && text === "100.0") return "99.9 %";
  if (share > 0 && text === "0.0") return "0.1 %";
  return `${text.replace(/\.0$/, "")} %`;
};

export const bytes = (size: number): string => {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000
    ? `${measured(Math.round(size / 100) / 10)} kB`
    : `${measured(Math.round(size / 100_000) / 10)} MB`;
};

/** What was found where a rule was looked at. */
export const finding = (result: RuleResult, { rows }: Pick<Profile, "rows">): string => {
  const { type, column, problem, actual, failed, exact, examples } = result;
  if (problem !== null) return `there is no column "${column ?? ""}"`;
  const about = exact ? "" : "about ";
  const found =
    failed === null
      ? whatWasMeasured(type, actual, about)
      : failed === 0
        ? "kept by every row"
        : `${about}${count(failed)} of ${count(type === "MalformedRows" ? rows + failed : rows)} rows`;
  const [first] = examples;
  if (failed === null || failed === 0 || first === undefined) return found;
  return `${found}, first on line ${count(first.line)}${first.value === null || type === "MalformedRows" ? "" : `: ${quoted(first.value)}`}`;
};

const shares: readonly RuleResult["type"][] = ["Completeness", "Uniqueness", "UniqueValueRatio"];

const whatWasMeasured = (type: RuleResult["type"], actual: number | null, about: string): string => {
  if (type === "ColumnExists") return "it is there";
  if (actual === null) return "there is nothing to measure";
  return about + (shares.includes(type) ? percent(actual) : measured(actual));
};

const quoted = (value: string): string => (value === "" ? "empty" : JSON.stringify(value));

/** One difference of the schema. */
export const changeInWords = ({ column, change, from, to }: SchemaChange): string => {
  switch (change) {
    case "added":
      return `column "${column}" was added${to === null ? "" : ` (${to})`}`;
    case "removed":
      return `column "${column}" was removed`;
    case "moved":
      return `column "${column}" has moved`;
    case "type found":
      return `column "${column}" has its first values (${to ?? ""})`;
    case "type narrowed":
      return `column "${column}" holds ${to ?? ""} only; ${from ?? ""} is accepted`;
    case "type changed":
      return `column "${column}" was ${from ?? ""} and is ${to ?? ""}`;
  }
};

export const driftInWords = ({ kind, changes }: Pick<Drift, "kind" | "changes">): string => {
  switch (kind) {
    case "first":
      return "the first schema of this data set";
    case "none":
      return "as accepted";
    default:
      return `${kind}: ${changes.map(changeInWords).join("; ")}`;
  }
};
