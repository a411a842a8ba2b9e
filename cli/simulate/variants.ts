import type { CapacityResult } from "../../local/capacity/result.ts";
import type { Variation } from "./options/compare.ts";

/** What came of a variant: what was found, or why the program refuses it. */
export type Variant = { readonly settings: Variation } & (
  { readonly result: CapacityResult } | { readonly refused: string }
);

/** A variant that was simulated. */
export type Simulated = Extract<Variant, { readonly result: CapacityResult }>;

export const isSimulated = (variant: Variant): variant is Simulated => "result" in variant;

export interface Best {
  /** By what all files cost. */
  readonly cheapest: Simulated | undefined;
  /** By the time that 95 of 100 files take. */
  readonly fastest: Simulated | undefined;
}

/** The share of files that a variant may have fail beyond the best one, and still count. */
const FEWER = 0.001;

/** The first of equals, among the variants in which as many files succeed as in any: to fail fast is no bargain. */
export const bestOf = (variants: readonly Variant[]): Best => {
  const simulated = variants.filter(isSimulated);
  const most = Math.max(0, ...simulated.map(({ result }) => result.outcomes.succeeded));
  const sound = simulated.filter(({ result }) => result.outcomes.succeeded >= most * (1 - FEWER));
  const lowest = (measure: (result: CapacityResult) => number): Simulated | undefined =>
    sound.reduce<Simulated | undefined>(
      (best, variant) => (best === undefined || measure(variant.result) < measure(best.result) ? variant : best),
      undefined,
    );
  return { cheapest: lowest(({ cost }) => cost.total), fastest: lowest(({ latency }) => latency.p95) };
};

/** `completion=poll, dispatch=batch`. */
export const variantName = (settings: Variation): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
