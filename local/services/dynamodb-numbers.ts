import { ServiceError } from "./service.ts";

/** DynamoDB's numbers are decimal, of up to 38 digits: here `digits × 10^exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

export const addNumbers = (a: string, b: string): string => combine(a, b, (x, y) => x + y);
export const subtractNumbers = (a: string, b: string): string => combine(a, b, (x, y) => x - y);

/** Text whose order is that of the numbers. */
export const numberSortKey = (text: string): string => {
  const { digits, exponent } = parse(text);
  if (digits === 0n) return "1";
  const negative = digits < 0n;
  const figures = String(negative ? -digits : digits);
  const magnitude = figures.length + exponent + 500;
  if (!negative) return `2${String(magnitude).padStart(3, "0")}${figures}`;
  const complement = figures.replace(/\d/g, (figure) => String(9 - Number(figure)));
  return `0${String(999 - magnitude).padStart(3, "0")}${complement}~`;
};

/** The number as DynamoDB gives it back: no exponent, no zeros that say nothing. */
export const canonicalNumber = (text: string): string => {
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return text;
  return format(parse(text));
};

const combine = (a: string, b: string, operate: (x: bigint, y: bigint) => bigint): string => {
  const left = parse(a);
  const right = parse(b);
  const exponent = Math.min(left.exponent, right.exponent);
  return format(normalise(operate(scaleTo(left, exponent), scaleTo(right, exponent)), exponent));
};

const scaleTo = ({ digits, exponent }: Decimal, target: number): bigint => digits * 10n ** BigInt(exponent - target);

const parse = (text: string): Decimal => {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
  if (match === null || whole + fraction === "") {
    throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const digits = BigInt(whole + fraction);
  return normalise(sign === "-" ? -digits : digits, Number(power) - fraction.length);
};

const normalise = (value: bigint, power: number): Decimal => {
  if (value === 0n) return { digits: 0n, exponent: 0 };
  const figures = String(value < 0n ? -value : value);
  const kept = figures.replace(/0+$/, "");
  const exponent = power + figures.length - kept.length;
  if (kept.length > 38) {
    throw invalid("Attempting to store more than 38 significant digits in a Number");
  }
  const magnitude = kept.length + exponent;
  if (magnitude > 126)
    throw invalid("Number overflow. Attempting to store a number with magnitude larger than supported range");
  if (magnitude < -129)
    throw invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  return { digits: value < 0n ? -BigInt(kept) : BigInt(kept), exponent };
};

const format = ({ digits, exponent }: Decimal): string => {
  const sign = digits < 0n ? "-" : "";
  const figures = String(digits < 0n ? -digits : digits);
  if (exponent >= 0) return sign + figures + "0".repeat(exponent);
  const padded = figures.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
};

const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);
