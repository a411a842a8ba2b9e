import { parseCell, type ColumnType } from "../../../functions/lib/csv/cells.ts";
import { DqdlError, TokenReader } from "./dqdl-tokens.ts";
import { ruleTypes, type Check, type Rule, type RuleType, type RuleValue, type Severity } from "./rule.ts";

const dataTypes: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
  INTEGER: "bigint",
  LONG: "bigint",
  DOUBLE: "double",
  FLOAT: "double",
};

const secondsOf: Readonly<Record<string, number>> = { minutes: 60, hours: 3600, days: 86_400 };

/**
 * Reads a ruleset in the language of Glue Data Quality, as far as this example knows it: `Rules = [ … ]`. It knows no
 * composite rules, no `where`, no dynamic rules, no SQL and no second data set. The label `severity` makes a rule a
 * warning.
 *
 * @throws DqdlError naming the line and what is expected there
 */
export const parseRules = (source: string): readonly Rule[] => {
  try {
    const read = new TokenReader(source);
    read.expect("Rules");
    read.expect("=");
    const rules = list(read, () => rule(read));
    if (read.peek.kind !== "end") throw read.wrong("the end");
    return rules;
  } catch (error) {
    if (!(error instanceof DqdlError)) throw error;
    const line = source.slice(0, error.start).split("\n").length;
    throw new DqdlError(`line ${line}: ${error.message}`, error.start);
  }
};

const list = <Item>(read: TokenReader, item: () => Item): readonly Item[] => {
  read.expect("[");
  const items = [item()];
  while (read.takes(",")) items.push(item());
  read.expect("]");
  return items;
};

const rule = (read: TokenReader): Rule => {
  const { start, text: name } = read.peek;
  const type = typeOf(name);
  if (type === undefined) throw read.wrong(`a type of rule (${Object.keys(ruleTypes).join(", ")})`);
  read.take();
  const { of, takes } = ruleTypes[type];
  const column = of === "table" ? undefined : read.text("the name of a column");
  const expression = expressionOf(read, takes);
  const threshold = read.takes("with") ? thresholdOf(read, of) : undefined;
  const text = read.since(start);
  const severity = read.takes("labels") ? severityOf(read) : "error";
  return {
    text,
    type,
    ...(column !== undefined && { column }),
    ...expression,
    ...(threshold && { threshold }),
    severity,
  };
};

const typeOf = (name: string): RuleType | undefined => Object.keys(ruleTypes).find(isType(name));

const isType =
  (name: string) =>
  (type: string): type is RuleType =>
    type === name;

const expressionOf = (
  read: TokenReader,
  takes: (typeof ruleTypes)[RuleType]["takes"],
): Pick<Rule, "check" | "dataType"> => {
  switch (takes) {
    case "nothing":
      return {};
    case "numbers":
      return { check: check(read, () => ({ number: read.number() }), false) };
    case "values":
      return { check: check(read, () => value(read), true) };
    case "durations":
      return { check: check(read, () => ({ number: duration(read) }), false) };
    case "type": {
      read.expect("=");
      const { start } = read.peek;
      const name = read.text("a type");
      const dataType = dataTypes[name.toUpperCase()];
      if (dataType === undefined) {
        throw new DqdlError(`a type (${Object.keys(dataTypes).join(", ")}) is expected, got "${name}"`, start);
      }
      return { dataType };
    }
  }
};

const thresholdOf = (read: TokenReader, of: "table" | "column" | "cells"): Check => {
  if (of !== "cells") throw read.wrong("no threshold, for the rule is not about single values, but");
  read.expect("threshold");
  return check(read, () => ({ number: read.number() }), false);
};

const orders = ["=", "!=", ">", ">=", "<", "<="] as const;

const check = (read: TokenReader, operand: () => RuleValue, ofCells: boolean): Check => {
  const order = orders.find((operator) => read.takes(operator));
  if (order !== undefined) {
    const { start } = read.peek;
    const expected = operand();
    if (order !== "=" && order !== "!=") requireOrder(expected, start);
    return { operator: order, value: expected };
  }
  const not = read.takes("not");
  if (read.takes("between")) {
    const { start } = read.peek;
    const low = operand();
    read.expect("and");
    const high = operand();
    for (const bound of [low, high]) requireOrder(bound, start);
    return { operator: not ? "not between" : "between", low, high };
  }
  if (read.takes("in")) return { operator: not ? "not in" : "in", values: list(read, operand) };
  if (ofCells && read.takes("matches")) {
    const { start } = read.peek;
    return { operator: not ? "not matches" : "matches", pattern: pattern(read.text("a pattern"), start) };
  }
  throw read.wrong(`${orders.join(" ")} between in${ofCells ? " matches" : ""}`);
};

const value = (read: TokenReader): RuleValue => {
  if (read.peek.kind === "number") return { number: read.number() };
  if (read.peek.kind === "text") return { text: read.text("a value") };
  for (const keyword of ["NULL", "EMPTY", "WHITESPACES_ONLY"] as const) {
    if (read.takes(keyword)) return { keyword };
  }
  const inParentheses = read.takes("(");
  if (!read.takes("now")) throw read.wrong("a value");
  read.expect("(");
  read.expect(")");
  const secondsAgo = read.takes("-") ? duration(read) : 0;
  if (inParentheses) read.expect(")");
  return { secondsAgo };
};

const duration = (read: TokenReader): number => {
  const amount = read.number();
  const { kind, text } = read.peek;
  const seconds = kind === "word" ? (secondsOf[text] ?? secondsOf[`${text}s`]) : undefined;
  if (seconds === undefined) throw read.wrong(Object.keys(secondsOf).join(", "));
  read.take();
  return amount * seconds;
};

const requireOrder = (expected: RuleValue, start: number): void => {
  if ("keyword" in expected) throw new DqdlError(`${expected.keyword} is neither more nor less than anything`, start);
  if ("text" in expected && !isMoment(expected.text)) {
    throw new DqdlError(`a number or a date is expected, got ${JSON.stringify(expected.text)}`, start);
  }
};

const isMoment = (text: string): boolean =>
  text !== "" && [parseCell("date", text), parseCell("timestamp", text)].some((moment) => moment !== undefined);

/** What Python and JavaScript understand differently is refused: the script and its stand-in have to agree. */
const pattern = (text: string, start: number): string => {
  const alien = /\\[^dDwW.*+?^$()[\]{}|/\\-]|\(\?(?!:)|\\\d/.exec(text)?.[0];
  if (alien !== undefined) throw new DqdlError(`a pattern has no ${alien}`, start);
  try {
    new RegExp(text, "su");
  } catch (error) {
    throw new DqdlError(`a pattern is expected: ${error instanceof Error ? error.message : String(error)}`, start);
  }
  return text;
};

const severityOf = (read: TokenReader): Severity => {
  read.expect("=");
  const { start } = read.peek;
  const labels = list(read, () => {
    const key = read.text("a label");
    read.expect("=");
    return [key, read.text("its value")] as const;
  });
  const severity = new Map(labels).get("severity") ?? "error";
  if (severity === "error" || severity === "warning") return severity;
  throw new DqdlError(`the label severity is expected to be "error" or "warning", got "${severity}"`, start);
};
