import type { Problem, Say } from "./problem.ts";

/** A problem in one line; what it must be, as text or in the caller's words. */
export const problemOf = (field: string, must: string | ((say: Say) => string), got: unknown): Problem => ({
  field,
  must: typeof must === "string" ? () => must : must,
  got,
});

/** The problem, where it holds. */
export const when = (holds: boolean, problem: () => Problem): readonly Problem[] => (holds ? [problem()] : []);

export const isWhole = (value: number | undefined, min: number, max: number): boolean =>
  value === undefined || (Number.isInteger(value) && value >= min && value <= max);

/** Those that stand in a list more than once, each once. */
export const repeated = <T>(values: readonly T[]): readonly T[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];
