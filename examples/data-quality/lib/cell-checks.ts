import { parseCell } from "../../../functions/lib/csv/cells.ts";
import { lengthOf } from "./distinct-values.ts";
import type { Check, Rule, RuleValue } from "./rule.ts";

type Holds = (text: string) => boolean;
type Order = Extract<Check, { value: RuleValue }>["operator"];

const MICROS_PER_DAY = 86_400_000_000n;

/** Microseconds since the epoch of a date or a timestamp. */
export const momentOf = (text: string): bigint | undefined => {
  const date = text === "" ? undefined : parseCell("date", text);
  if (typeof date === "number") return BigInt(date) * MICROS_PER_DAY;
  const timestamp = text === "" ? undefined : parseCell("timestamp", text);
  return typeof timestamp === "bigint" ? timestamp : undefined;
};

const numberOf = (text: string): number | undefined => {
  const number = text === "" ? undefined : parseCell("double", text);
  return typeof number === "number" ? number : undefined;
};

/** Whether a measured number is as a rule says; what could not be measured is not. */
export const numberHolds = (check: Check, actual: number | null): boolean => {
  if (actual === null) return false;
  switch (check.operator) {
    case "between":
      return numberIn(check.low) < actual && actual < numberIn(check.high);
    case "not between":
      return !(numberIn(check.low) < actual && actual < numberIn(check.high));
    case "in":
      return check.values.some((value) => numberIn(value) === actual);
    case "not in":
      return !check.values.some((value) => numberIn(value) === actual);
    case "matches":
    case "not matches":
      throw new Error("a number matches no pattern");
    default:
      return compare(actual, check.operator, numberIn(check.value));
  }
};

const numberIn = (value: RuleValue): number => {
  if ("number" in value) return value.number;
  throw new Error(`a number is compared with a number, got ${JSON.stringify(value)}`);
};

const compare = <Value extends number | bigint>(actual: Value, operator: Order, expected: Value): boolean => {
  switch (operator) {
    case "=":
      return actual === expected;
    case "!=":
      return actual !== expected;
    case ">":
      return actual > expected;
    case ">=":
      return actual >= expected;
    case "<":
      return actual < expected;
    case "<=":
      return actual <= expected;
  }
};

/** What a rule says of each cell of its column; undefined: it is about the column or the table as a whole. */
export const cellCheck = ({ type, check, dataType = "string" }: Rule, asOf: bigint): Holds | undefined => {
  switch (type) {
    case "ColumnDataType":
      return (text) => text === "" || parseCell(dataType, text) !== undefined;
    case "ColumnValues":
      return check && valueCheck(check, asOf);
    case "ColumnLength":
      return check && ((text) => numberHolds(check, lengthOf(text)));
    case "DataFreshness":
      return (
        check &&
        ((text) => {
          const moment = momentOf(text);
          return moment !== undefined && numberHolds(check, Number(asOf - moment) / 1_000_000);
        })
      );
    default:
      return undefined;
  }
};

/** Empty cells are null: they fail all but `!=` and `not in`, unless those name null. */
const valueCheck = (check: Check, asOf: bigint): Holds => {
  switch (check.operator) {
    case "between": {
      const [above, below] = [ordered(">", check.low, asOf), ordered("<", check.high, asOf)];
      return (text) => above(text) && below(text);
    }
    case "not between": {
      const [below, above] = [ordered("<=", check.low, asOf), ordered(">=", check.high, asOf)];
      return (text) => below(text) || above(text);
    }
    case "in":
    case "not in": {
      const members = check.values.map((value) => equals(value, asOf));
      return (text) => members.some((isIt) => isIt(text)) === (check.operator === "in");
    }
    case "matches":
    case "not matches": {
      const pattern = new RegExp(`^(?:${check.pattern})$`, "su");
      return (text) => text !== "" && pattern.test(text) === (check.operator === "matches");
    }
    default:
      return ordered(check.operator, check.value, asOf);
  }
};

const equals = (value: RuleValue, asOf: bigint): Holds => {
  if ("number" in value) return (text) => numberOf(text) === value.number;
  if ("text" in value) return (text) => text === value.text;
  if ("secondsAgo" in value) return (text) => momentOf(text) === momentIn(value, asOf);
  return value.keyword === "WHITESPACES_ONLY" ? (text) => /^[ \t]+$/.test(text) : (text) => text === "";
};

const ordered = (operator: Order, value: RuleValue, asOf: bigint): Holds => {
  if (operator === "=" || operator === "!=") {
    const isEqual = equals(value, asOf);
    return (text) => isEqual(text) === (operator === "=");
  }
  if ("number" in value) {
    return (text) => {
      const actual = numberOf(text);
      return actual !== undefined && compare(actual, operator, value.number);
    };
  }
  const expected = momentIn(value, asOf);
  return (text) => {
    const actual = momentOf(text);
    return actual !== undefined && compare(actual, operator, expected);
  };
};

const momentIn = (value: RuleValue, asOf: bigint): bigint => {
  if ("secondsAgo" in value) return asOf - BigInt(value.secondsAgo * 1_000_000);
  const moment = "text" in value ? momentOf(value.text) : undefined;
  if (moment === undefined) throw new Error(`a time is compared with a time, got ${JSON.stringify(value)}`);
  return moment;
};
