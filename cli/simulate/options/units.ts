/** What a text says, or what is wrong with it, without the name of the option. */
export type Read<Value> = { readonly value: Value } | { readonly problem: string };

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const QUANTITY = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/;

const quantity =
  (units: Readonly<Record<string, number>>, example: string) =>
  (text: string): Read<number> => {
    const [, digits = "", unit = ""] = QUANTITY.exec(text) ?? [];
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (digits === "" || factor === undefined) {
      return { problem: `must be a number and a unit (${Object.keys(units).join(", ")}), for example ${example}` };
    }
    return { value: Number(digits) * factor };
  };

/** `90s`, `1.5h`: seconds. */
export const readSeconds = quantity(SECONDS, "24h");

/** `1MiB`, `200kB`: bytes. */
export const readBytes = quantity(BYTES, "1MiB");

/** Seconds, with or without a unit. */
export const readPlainSeconds = (text: string): Read<number> => {
  const plain = readNumber(text, { min: 0 });
  const seconds = "value" in plain ? plain : readSeconds(text);
  return "value" in seconds ? seconds : { problem: "must be seconds from 0, for example 20, 0.5 or 2min" };
};

/** A number in digits, with or without a fraction; no exponent, no sign. */
export const readNumber = (text: string, { min = 0, max = Infinity }: { min?: number; max?: number }): Read<number> => {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return { value };
  return { problem: `must be a number ${range(min, max)}` };
};

export const readWhole = (text: string, { min, max }: { min: number; max: number }): Read<number> => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return { value };
  return { problem: `must be a whole number ${range(min, max)}` };
};

const range = (min: number, max: number): string =>
  max === Infinity ? `from ${min}` : `from ${min} to ${max.toLocaleString("en-US")}`;
