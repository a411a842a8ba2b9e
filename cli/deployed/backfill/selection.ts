import { ignoredBecause } from "../landings.ts";
import type { Landing } from "../../run/landing.ts";
import type { LandedVersion } from "./versions.ts";

/** Which files a backfill takes. Times are milliseconds since the epoch. */
export interface Selection {
  readonly landings: readonly Landing[];
  /** What is listed: every key taken begins so. */
  readonly prefix: string;
  readonly suffix: string;
  /** Landed then or later. */
  readonly since?: number | undefined;
  /** Landed then or before. */
  readonly until: number;
}

/** Whether a backfill takes a file: the pipeline itself would have been told of it. */
export const isSelected = ({ landings, prefix, suffix, since, until }: Selection, file: LandedVersion): boolean =>
  file.key.startsWith(prefix) &&
  file.key.endsWith(suffix) &&
  file.lastModified >= (since ?? 0) &&
  file.lastModified <= until &&
  // Consoles make such for folders; the dispatcher passes over them.
  !(file.key.endsWith("/") && file.size === 0) &&
  ignoredBecause(landings, file.key) === undefined;

/** What to list so that all keys which begin with `wanted` and land are seen; undefined: none can. */
export function prefixToList(landings: readonly Landing[], wanted: string): string | undefined {
  const prefixes = landings.flatMap(({ prefix }) =>
    wanted.startsWith(prefix) ? [wanted] : prefix.startsWith(wanted) ? [prefix] : [],
  );
  const [first, ...others] = prefixes;
  return others.every((prefix) => prefix === first) ? first : wanted;
}
