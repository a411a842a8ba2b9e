import { createHash } from "node:crypto";

/**
 * The functions that Step Functions adds to JSONata, by name without `$`.
 *
 * They throw where Step Functions reports States.QueryEvaluationError.
 */
export type Extra = (random: () => number, ...args: unknown[]) => unknown;

/** Step Functions' cap on the items that $range gives. */
const MAX_RANGE_ITEMS = 1_000;

const HASHES: Readonly<Record<string, string | undefined>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

function integer(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new Error(`${what} must be an integer, got ${shown(value)}`);
  return value;
}

function partition(items: unknown, size: unknown): unknown {
  if (items === undefined) return undefined;
  const length = integer(size, "The size of $partition");
  if (length < 1) throw new Error(`The size of $partition must be at least 1, got ${length}`);
  const all: unknown[] = Array.isArray(items) ? items : [items];
  const chunks: unknown[][] = [];
  for (let start = 0; start < all.length; start += length) chunks.push(all.slice(start, start + length));
  return chunks;
}

function range(first: unknown, last: unknown, step: unknown): unknown {
  const from = integer(first, "The start of $range");
  const to = integer(last, "The end of $range");
  const by = integer(step, "The step of $range");
  if (by === 0) throw new Error("The step of $range must not be 0");
  const count = Math.max(0, Math.floor((to - from) / by) + 1);
  if (count > MAX_RANGE_ITEMS) throw new Error(`$range gives at most ${MAX_RANGE_ITEMS} items, asked for ${count}`);
  return Array.from({ length: count }, (_, index) => from + index * by);
}

function hash(content: unknown, algorithm: unknown): unknown {
  if (content === undefined) return undefined;
  const known = typeof algorithm === "string" ? HASHES[algorithm] : undefined;
  if (typeof content !== "string") throw new Error(`The content of $hash must be a string, got ${shown(content)}`);
  if (known === undefined) {
    throw new Error(`The algorithm of $hash must be one of ${Object.keys(HASHES).join(", ")}, got ${shown(algorithm)}`);
  }
  return createHash(known).update(content).digest("hex");
}

function parse(text: unknown): unknown {
  if (text === undefined) return undefined;
  if (typeof text !== "string") throw new Error(`$parse takes a string, got ${shown(text)}`);
  return JSON.parse(text);
}

function random(source: () => number, seed: unknown): number {
  return seed === undefined ? source() : seeded(integer(seed, "The seed of $random"));
}

/** A number of [0, 1) that a seed decides; not the one that AWS would draw. */
function seeded(seed: number): number {
  return createHash("sha256").update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
}

/** A version 4 UUID from the source of chance that was passed in. */
export function uuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  const hex = Array.from(bytes, (byte, index) => {
    if (index === 6) return ((byte & 0x0f) | 0x40).toString(16);
    if (index === 8) return ((byte & 0x3f) | 0x80).toString(16);
    return byte.toString(16).padStart(2, "0");
  }).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Fisher and Yates with the source of chance that was passed in: JSONata's own takes the process's. */
function shuffle(source: () => number, items: unknown): unknown {
  if (items === undefined) return undefined;
  const shuffled: unknown[] = Array.isArray(items) ? [...(items as unknown[])] : [items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(source() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

export const EXTRAS: Readonly<Record<string, Extra | undefined>> = {
  partition: (_random, items, size) => partition(items, size),
  range: (_random, first, last, step) => range(first, last, step),
  hash: (_random, content, algorithm) => hash(content, algorithm),
  parse: (_random, text) => parse(text),
  random,
  uuid,
  shuffle,
};
