import { literalsOf } from "./size-literals.ts";

/** Sizes that a definition cannot tell apart are one class. */
export interface SizeClasses {
  /** Undefined: it tells all sizes apart. */
  readonly of: (bytes: number) => number | undefined;
  /** Another size of the same class; the same, where there is none. */
  readonly another: (bytes: number) => number;
}

const largest = 2 ** 52;

/**
 * Classes between the numbers with which a definition compares the size, each such number one of its own. Where the
 * definition does anything else with the size that its course may depend on, each size is one of its own.
 */
export function sizeClassesOf(definition: unknown, input: (bytes: number) => unknown): SizeClasses {
  const literals = literalsOf(definition, input);
  if (literals === undefined) return { of: () => undefined, another: (bytes) => bytes };
  const bounds = Float64Array.from(literals).sort();
  return { of: (bytes) => classOf(bounds, bytes), another: (bytes) => anotherIn(bounds, bytes) };
}

/** Even: between two bounds; odd: at one. */
function classOf(bounds: Float64Array, bytes: number): number {
  let index = 0;
  // There are few.
  while (index < bounds.length && (bounds[index] ?? 0) < bytes) index++;
  return index < bounds.length && bounds[index] === bytes ? 2 * index + 1 : 2 * index;
}

/** As far away as there is one. */
function anotherIn(bounds: Float64Array, bytes: number): number {
  const sizeClass = classOf(bounds, bytes);
  if (sizeClass % 2 === 1) return bytes;
  const lowest = Math.floor(bounds[sizeClass / 2 - 1] ?? -1) + 1;
  const highest = Math.ceil(bounds[sizeClass / 2] ?? largest) - 1;
  return bytes - lowest > highest - bytes ? lowest : highest;
}
