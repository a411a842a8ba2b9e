const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time that a person has typed, in milliseconds since the epoch: a date, a date and time (UTC unless it says
 * otherwise), or how long ago. Undefined: it is none.
 */
export function timeOf(text: string, now: number): number | undefined {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (unit !== "") return now - Number(amount) * (UNITS[unit] ?? NaN);
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (date === null) return undefined;
  const [, day = "", time = "00:00", zone = "Z"] = date;
  // 31 February is taken for a day of March.
  if (!isDay(day)) return undefined;
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

const isDay = (day: string): boolean => {
  const at = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
};

/** Nothing has happened since a time that is still to come. */
export const isToCome = (at: number | undefined, now: number): boolean => at !== undefined && at > now;

export const toComeProblem = (name: string, text: string): string => `--${name} must be in the past, got "${text}"`;

export const timeProblem = (name: string, text: string): string =>
  `--${name} must be a time such as 2026-01-31, 2026-01-31T12:00Z, or 90m, 36h, 7d ago, got "${text}"`;
