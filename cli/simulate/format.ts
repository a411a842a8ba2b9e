import { dollars } from "../../components/dollars.ts";
import type { CapacityResult } from "../../local/capacity/result.ts";
import { count, duration } from "../render/format.ts";

/** Seconds in words: `0.4 s`, `2 min 5 s`, `1 h 3 min`, `3 d 4 h`. */
export const time = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  return days < 2 ? duration(seconds * 1000) : `${days} d ${Math.floor((seconds % 86_400) / 3600)} h`;
};

/** A span as it was asked for: `24 h`, `90 s`, `30 min`. */
export const span = (seconds: number): string => {
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
  ] as const) {
    if (seconds >= (unit === "d" ? 2 * size : size) && seconds % size === 0) return `${count(seconds / size)} ${unit}`;
  }
  return seconds < 3600 ? `${count(seconds)} s` : time(seconds);
};

/** USD, with thousands apart where there are any. */
export const money = (value: number): string =>
  value < 1000
    ? dollars(value)
    : `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** A share as `52 %`; what is there but small is `<1 %`. */
export const percent = (share: number): string =>
  share > 0 && share < 0.005 ? "<1 %" : `${(share * 100).toFixed(0)} %`;

/** `31.2`, `4.0`; whole numbers from a thousand on. */
export const figure = (value: number): string => (value >= 1000 ? count(Math.round(value)) : value.toFixed(1));

const OUTCOMES = ["succeeded", "failed", "rejected", "unfinished"] as const;

/** Those that there are, and what succeeded in any case. */
export const outcomesOf = ({ outcomes }: CapacityResult): readonly (readonly [(typeof OUTCOMES)[number], number])[] =>
  OUTCOMES.map((name) => [name, outcomes[name]] as const).filter(([name, files]) => name === "succeeded" || files > 0);

/** `1,000,000 files over 24 h`, `poisson`, …: what was simulated. */
export const scenarioParts = ({ scenario }: CapacityResult): readonly string[] => [
  `${count(scenario.files)} ${scenario.files === 1 ? "file" : "files"} over ${span(scenario.overSeconds)}, ${scenario.arrival}`,
  scenario.size,
  scenario.duration,
  `seed ${scenario.seed}`,
];

/** What to turn, and how it stands. */
export const knobOf = ({ setting, quota }: NonNullable<CapacityResult["bottleneck"]>): string => {
  if (setting !== undefined) {
    return `${setting.key} is ${setting.now}${setting.atLeast === undefined ? "" : `; ${setting.atLeast} or more would do`}`;
  }
  return quota === undefined ? "" : `AWS's quota ${quota.name} is ${count(quota.now)}`;
};

/** Less than this shows as nothing. Seconds. */
const NOTHING = 0.05;

/** Those in which files have spent time that shows. */
export const phasesOf = ({ phases }: CapacityResult): CapacityResult["phases"] =>
  phases.filter(({ mean, p95 }) => mean >= NOTHING || p95 >= NOTHING);
