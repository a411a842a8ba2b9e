import type { Workload } from "./workload.ts";

/**
 * So many places would keep up with files that come evenly, where all files together hold one for so many milliseconds.
 * Undefined where files land all at once, or where as many as there are would do.
 */
export const littlesLaw = (heldMs: number, workload: Workload, now: number): number | undefined =>
  ratePerSecond(heldMs / 1000, workload, now);

/** The same of so many calls: a rate a second. */
export const ratePerSecond = (calls: number, { overSeconds }: Workload, now: number): number | undefined => {
  if (overSeconds <= 0) return undefined;
  const needed = Math.ceil(calls / overSeconds);
  return needed > now ? needed : undefined;
};
