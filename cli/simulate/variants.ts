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

/** What differs by less is the same: costs, latencies, files that succeed. */
const SAME = 0.001;

/** As many files succeed as in any other variant: to fail fast is no bargain. */
export const isSound = (variant: Simulated, variants: readonly Variant[]): boolean => {
  const most = Math.max(0, ...variants.filter(isSimulated).map((other) => doneIn(other)));
  return doneIn(variant) >= most * (1 - SAME);
};

/** Who asks for the newest version only has what was asked for. */
export const doneIn = ({ result: { outcomes } }: Simulated): number => outcomes.succeeded + (outcomes.superseded ?? 0);

/** Of variants that cost the same the faster one, of those that are as fast the cheaper one; the first of equals. */
export const bestOf = (variants: readonly Variant[]): Best => {
  const sound = variants.filter(isSimulated).filter((variant) => isSound(variant, variants));
  const lowest = (measure: Measure, among: readonly Simulated[]): Simulated | undefined =>
    among.reduce<Simulated | undefined>(
      (best, variant) => (best === undefined || measure(variant) < measure(best) ? variant : best),
      undefined,
    );
  const best = (first: Measure, second: Measure): Simulated | undefined => {
    const least = Math.min(...sound.map(first));
    return lowest(
      second,
      sound.filter((variant) => first(variant) <= least * (1 + SAME)),
    );
  };
  const cost: Measure = ({ result }) => result.cost.total;
  const p95: Measure = ({ result }) => result.latency.p95;
  return { cheapest: best(cost, p95), fastest: best(p95, cost) };
};

type Measure = (variant: Simulated) => number;

/** `completion=poll, dispatch=batch`. */
export const variantName = (settings: Variation): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");

/** With the settings that all variants have in common: those are told once. */
export const commonOf = ({ settings, result }: Simulated): CapacityResult => ({
  ...result,
  scenario: {
    ...result.scenario,
    settings: Object.fromEntries(
      Object.entries(result.scenario.settings).filter(([key]) => !Object.hasOwn(settings, key)),
    ),
  },
});
