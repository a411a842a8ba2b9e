import type { AttributeValue, QueryCommandInput, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { type Expressions, type KeyCondition, project, readExpressions } from "./dynamodb-expressions.ts";
import { invalid } from "./dynamodb-tokens.ts";
import { type Item, itemSize, sortKey } from "./dynamodb-values.ts";
import type { KeyAttribute, Segment, Table } from "./table.ts";

export interface ReadOutput {
  readonly Items?: Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
}

type ReadInput = Pick<QueryCommandInput & ScanCommandInput, "Limit" | "Select" | "IndexName">;

/** A page ends after this much, found or filtered out. */
const pageBytes = 1024 * 1024;

/** The items of one partition whose range key fits, in its order. */
export const queryTable = (table: Table, input: QueryCommandInput): ReadOutput => {
  const expressions = readExpressions(input);
  const { hash, range } = keyRange(table, expressions);
  const forward = input.ScanIndexForward ?? true;
  const start = input.ExclusiveStartKey && table.placeOfKey(input.ExclusiveStartKey).range;
  return readPage(table, input, expressions, between(table, hash, range, start, forward));
};

/** The whole table or a segment of it, page by page. */
export const scanTable = (table: Table, input: ScanCommandInput): ReadOutput => {
  const segment = segmentOf(input);
  const after = input.ExclusiveStartKey && table.placeOfKey(input.ExclusiveStartKey);
  if (after !== undefined && segment !== undefined && !table.isIn(segment, after)) {
    throw invalid("The provided starting key is invalid: it is not in the segment that is scanned");
  }
  return readPage(table, input, readExpressions(input), table.all(after, segment));
};

const mostSegments = 1_000_000;

const segmentOf = ({ Segment: index, TotalSegments: of }: ScanCommandInput): Segment | undefined => {
  if (index === undefined && of === undefined) return undefined;
  if (of === undefined)
    throw invalid(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  if (index === undefined)
    throw invalid(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  if (!Number.isInteger(of) || of < 1 || of > mostSegments) {
    throw invalid(`TotalSegments must be from 1 to ${mostSegments}, got ${of}`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= of) {
    throw invalid(
      "The Segment parameter is zero-based and must be less than parameter TotalSegments: " +
        `Segment: ${index} is not less than TotalSegments: ${of}`,
    );
  }
  return { index, of };
};

const readPage = (table: Table, input: ReadInput, expressions: Expressions, items: Iterable<Item>): ReadOutput => {
  if (input.IndexName !== undefined) throw invalid(`The table does not have the specified index: ${input.IndexName}`);
  const limit = input.Limit ?? Number.POSITIVE_INFINITY;
  if (limit < 1) throw invalid(`Limit must be at least 1, got ${limit}`);
  const { filter, names, values } = expressions;
  const paths = expressions.projection?.map((path) => path(expressions));
  const found: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const item of items) {
    scanned++;
    bytes += itemSize(item);
    if (filter === undefined || filter({ item, names, values }))
      found.push(paths === undefined ? item : project(item, paths));
    if (scanned < limit && bytes < pageBytes) continue;
    // A full page always says where the next one begins, even if nothing is left.
    last = table.keyOf(item);
    break;
  }
  return {
    ...(input.Select !== "COUNT" && { Items: found }),
    Count: found.length,
    ScannedCount: scanned,
    ...(last !== undefined && { LastEvaluatedKey: last }),
  };
};

/** Bounds on the texts that order range keys. */
interface Range {
  readonly low: string;
  readonly lowIncluded: boolean;
  readonly high?: string;
  readonly highIncluded: boolean;
  readonly prefix?: string;
}

const everything: Range = { low: "", lowIncluded: true, highIncluded: true };

const between = function* (
  table: Table,
  hash: string,
  range: Range,
  start: string | undefined,
  forward: boolean,
): Generator<Item> {
  const { low, high, prefix } = range;
  // A character beyond all others: every text that begins with the bound is below it.
  const top = high === undefined ? (prefix === undefined ? undefined : `${prefix}\uffff`) : `${high}\uffff`;
  const from = start ?? (forward ? low : top);
  for (const [key, item] of table.partition(hash, from, forward)) {
    if (key === start) continue;
    if (forward ? isAbove(key, range) : isBelow(key, range)) return;
    if (isAbove(key, range) || isBelow(key, range)) continue;
    yield item;
  }
};

const isBelow = (key: string, { low, lowIncluded }: Range): boolean => key < low || (key === low && !lowIncluded);

const isAbove = (key: string, { high, highIncluded, prefix }: Range): boolean =>
  (high !== undefined && (key > high || (key === high && !highIncluded))) ||
  (prefix !== undefined && key > prefix && !key.startsWith(prefix));

const keyRange = (table: Table, expressions: Expressions): { hash: string; range: Range } => {
  const conditions = expressions.keyConditions;
  if (conditions === undefined)
    throw invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified");
  const byName = new Map(conditions.map((condition) => [condition.path(expressions).join("."), condition]));
  const hash = byName.get(table.hashKey.name);
  if (hash?.operator !== "=") throw invalid(`Query condition missed key schema element: ${table.hashKey.name}`);
  const { rangeKey } = table;
  const other = conditions.find((condition) => condition !== hash);
  if (other === undefined) return { hash: boundsOf(hash, table.hashKey, expressions)[0], range: everything };
  if (rangeKey === undefined || byName.get(rangeKey.name) !== other || conditions.length > 2) {
    throw invalid("Query key condition not supported");
  }
  return { hash: boundsOf(hash, table.hashKey, expressions)[0], range: rangeOf(other, rangeKey, expressions) };
};

const rangeOf = (condition: KeyCondition, attribute: KeyAttribute, expressions: Expressions): Range => {
  const [first, second] = boundsOf(condition, attribute, expressions);
  switch (condition.operator) {
    case "=":
      return { ...everything, low: first, high: first };
    case "<":
      return { ...everything, high: first, highIncluded: false };
    case "<=":
      return { ...everything, high: first };
    case ">":
      return { ...everything, low: first, lowIncluded: false };
    case ">=":
      return { ...everything, low: first };
    case "BETWEEN":
      return { ...everything, low: first, high: second };
    case "begins_with":
      return { ...everything, low: first, prefix: first };
  }
};

const boundsOf = (
  { values }: KeyCondition,
  { name, type }: KeyAttribute,
  expressions: Expressions,
): readonly [string, string] => {
  const texts = values.map((value) => boundText(value(expressions), name, type));
  return [texts[0] ?? "", texts[1] ?? ""];
};

const boundText = (value: AttributeValue, name: string, type: string): string => {
  const text = Object.hasOwn(value, type) ? sortKey(value) : undefined;
  if (text === undefined)
    throw invalid(`Condition parameter type does not match schema type: ${name} is of type ${type}`);
  return text;
};
