const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds as a clock: `00:14.0`, `1:02:14.0`. Cut, not rounded, so that it never shows a time still to come. */
export function clockTime(ms: number): string {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const seconds = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  const minutes = Math.floor(tenths / 600);
  return minutes < 60 ? `${two(minutes)}:${seconds}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${seconds}`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Milliseconds in words: `0.4 s`, `14.0 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  if (ms < 99_950) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
}

/** Bytes in powers of a thousand: `0 B`, `1.2 kB`, `200 MB`. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}

/** `10,000`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 file`, `2 files`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A job run's or an execution's id, short enough for a line: `jr_9c1e02ab…`. */
export function shortId(id: string): string {
  const run = /^(jr_[0-9a-f]{8})[0-9a-f]{12,}(_attempt_\d+)?$/.exec(id);
  if (run !== null) return `${run[1] ?? ""}…${run[2] ?? ""}`;
  const name = /^(.*-)?([0-9a-f]{8})[0-9a-f]{24,}$/.exec(id);
  return name === null ? id : `${name[1] ?? ""}${name[2] ?? ""}…`;
}
