import type { CapacityResult } from "../../local/capacity/result.ts";
import { plural } from "../render/format.ts";
import { money, time } from "./format.ts";
import { bestOf, doneIn, isSimulated, isSound, variantName, type Simulated, type Variant } from "./variants.ts";

/** Which variant is best at something, or is not looked at, and why. */
export interface Verdict {
  readonly on: "cheapest" | "fastest" | "passed over";
  readonly variant: string;
  readonly says: string;
}

/** The cheapest and the fastest beside each other, and what makes the difference. Nothing where there is no choice. */
export function verdictsOf(variants: readonly Variant[]): readonly Verdict[] {
  const simulated = variants.filter(isSimulated);
  if (simulated.length < 2) return [];
  const sound = simulated.filter((variant) => isSound(variant, variants));
  const { cheapest, fastest } = bestOf(variants);
  return [
    ...verdict("cheapest", cheapest, rivalOf(cheapest, fastest, sound, costOf), inMoney),
    ...verdict("fastest", fastest, rivalOf(fastest, cheapest, sound, p95Of), inTime),
    ...simulated
      .filter((variant) => !sound.includes(variant))
      .map((variant) => ({
        on: "passed over" as const,
        variant: variantName(variant.settings),
        says: `${plural(variant.result.scenario.files - doneIn(variant), "file")} did not succeed`,
      })),
  ];
}

const costOf = ({ cost }: CapacityResult): number => cost.total;
const p95Of = ({ latency }: CapacityResult): number => latency.p95;

/** The best at the other thing; where that is the same variant, the next best at this one. */
const rivalOf = (
  best: Simulated | undefined,
  other: Simulated | undefined,
  sound: readonly Simulated[],
  measure: (result: CapacityResult) => number,
): Simulated | undefined =>
  other === best
    ? sound.filter((variant) => variant !== best).toSorted((a, b) => measure(a.result) - measure(b.result))[0]
    : other;

const verdict = (
  on: Verdict["on"],
  best: Simulated | undefined,
  rival: Simulated | undefined,
  compare: (best: CapacityResult, rival: CapacityResult) => readonly [own: string, other: string, why: string],
): readonly Verdict[] => {
  if (best === undefined || rival === undefined) return [];
  const [own, other, why] = compare(best.result, rival.result);
  const figure = on === "fastest" ? "p95" : "costs";
  const name = variantName(rival.settings);
  const says = own === other ? `${figure} ${own}, as ${name}` : `${figure} ${own} against ${other} of ${name}${why}`;
  return [{ on, variant: variantName(best.settings), says }];
};

const inMoney = (best: CapacityResult, rival: CapacityResult): readonly [string, string, string] => {
  const [name, own, other] = widest(best.cost.services, rival.cost.services);
  return [
    money(best.cost.total),
    money(rival.cost.total),
    name === "" ? "" : `; most of it is ${name}, ${money(own)} against ${money(other)}`,
  ];
};

const inTime = (best: CapacityResult, rival: CapacityResult): readonly [string, string, string] => {
  const meansOf = ({ phases }: CapacityResult): Readonly<Record<string, number>> =>
    Object.fromEntries(phases.map(({ name, mean }) => [name, mean]));
  const [name, own, other] = widest(meansOf(best), meansOf(rival));
  return [
    time(best.latency.p95),
    time(rival.latency.p95),
    name === "" ? "" : `; most of it is ${name}, ${time(own)} against ${time(other)} on average`,
  ];
};

/** That in which the second is the furthest above the first. */
const widest = (
  best: Readonly<Record<string, number>>,
  rival: Readonly<Record<string, number>>,
): readonly [name: string, own: number, other: number] =>
  Object.entries(rival).reduce<readonly [string, number, number]>(
    (found, [name, other]) => {
      const own = best[name] ?? 0;
      return other - own > found[2] - found[1] ? [name, own, other] : found;
    },
    ["", 0, 0],
  );
