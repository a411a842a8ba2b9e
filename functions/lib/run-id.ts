import { createHash } from "node:crypto";

/** What decides a run's id: the same calls in the same simulation give the same runs. */
export interface RunIdentity {
  readonly seed: number;
  readonly jobName: string;
  readonly args: Readonly<Record<string, string>>;
}

/** The id of the run that is the `count`-th of its kind, from 0, in the form of Glue's ids. */
export function runId({ seed, jobName, args }: RunIdentity, count: number): string {
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify([seed, jobName, sorted, count]));
  return `jr_${hash.digest("hex")}`;
}

/**
 * A count above `taken` whose id is free, found in a number of looks that grows with the logarithm of how many are
 * taken. Others may take it meanwhile.
 */
export async function nextFree(taken: number, isTaken: (count: number) => Promise<boolean>): Promise<number> {
  let last = taken;
  let step = 1;
  while (await isTaken(last + step)) {
    last += step;
    step *= 2;
  }
  let free = last + step;
  while (free - last > 1) {
    const middle = last + Math.floor((free - last) / 2);
    if (await isTaken(middle)) last = middle;
    else free = middle;
  }
  return free;
}
