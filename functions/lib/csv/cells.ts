/** The types a column can be given, under Spark's names. */
export const COLUMN_TYPES = ["string", "bigint", "double", "boolean", "date", "timestamp"] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** As Parquet stores it: a date in days, a timestamp in microseconds since the epoch. */
export type Cell = string | bigint | number | boolean | null;

const INTEGER = /^[+-]?[0-9]+$/;
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIMESTAMP =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6}))?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))?$/;

const MILLIS_PER_DAY = 86_400_000;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
// Years 1 to 9999, which is what Python's datetime in the Glue script can hold.
const TIMESTAMP_MIN = -62_135_596_800_000_000n;
const TIMESTAMP_MAX = 253_402_300_799_999_999n;

/** The value of a cell, or undefined when the text is none of its type. An empty cell is null unless it is text. */
export function parseCell(type: ColumnType, text: string): Cell | undefined {
  if (type === "string") return text;
  if (text === "") return null;
  switch (type) {
    case "bigint":
      return parseBigint(text);
    case "double":
      return parseDouble(text);
    case "boolean":
      return parseBoolean(text);
    case "date":
      return parseDate(text);
    case "timestamp":
      return parseTimestamp(text);
  }
}

function parseBigint(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

function parseDouble(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function parseBoolean(text: string): boolean | undefined {
  if (/^true$/i.test(text)) return true;
  return /^false$/i.test(text) ? false : undefined;
}

function parseDate(text: string): number | undefined {
  const [, year, , day] = DATE.exec(text) ?? [];
  if (year === undefined || year === "0000") return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  // A 30th of February becomes a day of March.
  return date.getUTCDate() === Number(day) ? date.getTime() / MILLIS_PER_DAY : undefined;
}

function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, date = "", hour, minute, second, fraction = "", sign, offsetHours, offsetMinutes] = match;
  const days = parseDate(date);
  if (days === undefined) return undefined;
  const offset = sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const seconds = days * 86_400 + Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second);
  const micros = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return micros >= TIMESTAMP_MIN && micros <= TIMESTAMP_MAX ? micros : undefined;
}
