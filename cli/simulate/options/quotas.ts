import { suggestion } from "../../../components/suggestion.ts";
import type { Quotas } from "../../../local/capacity/workload.ts";
import { readNumber } from "./units.ts";

/** What can be named, in the order of the help. */
const NAMES = [
  "startExecutionBucket",
  "startExecutionPerSecond",
  "transitionBucket",
  "transitionsPerSecond",
  "lambdaConcurrency",
  "glueRunsPerAccount",
  "glueRunsPerJob",
  "startJobRunPerSecond",
  "getJobRunPerSecond",
] as const satisfies readonly (keyof Quotas)[];

export const quotaNames: string = NAMES.join(", ");

/** Reads `--quota name=value`, given once or more often. */
export function readQuotas(texts: readonly string[]): {
  readonly quotas: Partial<Quotas>;
  readonly problems: readonly string[];
} {
  const quotas: Partial<Record<keyof Quotas, number>> = {};
  const problems: string[] = [];
  for (const text of texts) {
    const split = text.indexOf("=");
    const name = NAMES.find((known) => known === text.slice(0, Math.max(0, split)));
    const value = readNumber(text.slice(split + 1), { min: Number.MIN_VALUE });
    if (split < 1) {
      problems.push(`--quota must be NAME=VALUE, got "${text}"`);
    } else if (name === undefined) {
      const guess = suggestion(text.slice(0, split), NAMES);
      const hint = guess === undefined ? `there are ${quotaNames}` : `did you mean ${guess}?`;
      problems.push(`--quota: "${text.slice(0, split)}" is not a quota; ${hint}`);
    } else if ("problem" in value) {
      problems.push(`--quota ${name} must be a number above 0, got "${text.slice(split + 1)}"`);
    } else if (quotas[name] !== undefined) {
      problems.push(`--quota ${name} is given more than once`);
    } else {
      quotas[name] = value.value;
    }
  }
  return { quotas, problems };
}
