import { createHash } from "node:crypto";
import type { Entry } from "./entry.ts";
import type { Retrier } from "./settings.ts";

/** What to do about a call that failed. */
export type Recovery =
  | { readonly kind: "again"; readonly tries: readonly number[]; readonly waitSeconds: number }
  /** No retrier is left for it. */
  | { readonly kind: "given up" };

/** Follows a step's retriers as Step Functions does: the first that names the error counts, each by itself. */
export function recoveryFrom(
  error: string,
  { name, attempt, tries }: Pick<Entry, "name" | "attempt" | "tries">,
  retriers: readonly Retrier[],
): Recovery {
  const index = retriers.findIndex(({ errors }) => errors.some((listed) => covers(listed, error)));
  const retrier = retriers[index];
  const used = tries[index] ?? 0;
  if (retrier === undefined || used >= (retrier.maxAttempts ?? 3)) return { kind: "given up" };
  const counts = retriers.map((_, position) => (tries[position] ?? 0) + (position === index ? 1 : 0));
  const { intervalSeconds = 1, backoffRate = 2, maxDelaySeconds = Infinity } = retrier;
  const longest = Math.min(maxDelaySeconds, intervalSeconds * backoffRate ** used);
  const share = retrier.jitter === "FULL" ? spread(`${name}\0${attempt}\0${counts.join()}`) : 1;
  // Queues delay by whole seconds.
  return { kind: "again", tries: counts, waitSeconds: Math.ceil(longest * share) };
}

function covers(listed: string, error: string): boolean {
  return listed === error || listed === "States.ALL" || listed === "States.TaskFailed";
}

/** From 0 to 1, the same for the same text: files that were refused together do not come back together. */
function spread(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
