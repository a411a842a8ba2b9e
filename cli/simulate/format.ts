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

const OUTCOMES = ["succeeded", "failed", "rejected", "superseded", "unfinished"] as const;

/** Those that there are, and what succeeded in any case. */
export const outcomesOf = ({ outcomes }: CapacityResult): readonly (readonly [(typeof OUTCOMES)[number], number])[] =>
  OUTCOMES.map((name) => [name, outcomes[name] ?? 0] as const).filter(
    ([name, files]) => name === "succeeded" || files > 0,
  );

/** `5,000 × States.Timeout`: why files failed, the most frequent first. */
export const failuresOf = ({ failures }: CapacityResult): readonly string[] => [
  ...failures.slice(0, FAILURES_TOLD).map(({ error, files }) => `${count(files)} × ${error}`),
  ...(failures.length > FAILURES_TOLD
    ? [`${count(failures.slice(FAILURES_TOLD).reduce((sum, { files }) => sum + files, 0))} of other errors`]
    : []),
];

const FAILURES_TOLD = 6;

/** `1,000,000 files over 24 h`, `poisson`, …: what was simulated. */
export const scenarioParts = ({ scenario }: CapacityResult): readonly string[] => [
  `${count(scenario.files)} ${scenario.files === 1 ? "file" : "files"} over ${span(scenario.overSeconds)}, ${scenario.arrival}`,
  scenario.size,
  scenario.duration,
  `seed ${scenario.seed}`,
];

/** Where there is none. */
export const NO_BOTTLENECK = "none: no limit held files up to speak of";

/** How much of which time it took. Looks and windows are no limits: nothing of them is used up. */
export const shareOfTime = ({ saturated, setting, quota }: NonNullable<CapacityResult["bottleneck"]>): string =>
  quota !== undefined || (setting !== undefined && !HABITS.includes(setting.key))
    ? `used up ${percent(saturated)} of the time`
    : `${percent(saturated)} of the time that files take`;

const HABITS: readonly string[] = ["completion", "batchWindowSeconds", "fileOrder"];

/** Config values and quotas that were given, as they are typed. */
export const givenParts = ({ scenario: { settings, quotas = {} } }: CapacityResult): readonly string[] => [
  ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
  ...Object.entries(quotas).map(([name, value]) => `quota ${name}=${String(value)}`),
];

/** What to turn, and how it stands. */
export const knobOf = ({ setting, quota }: NonNullable<CapacityResult["bottleneck"]>): string => {
  if (setting !== undefined) return `${setting.key} is ${setting.now}${enough(setting.atLeast)}`;
  if (quota === undefined) return "";
  return `AWS's quota ${quota.name} is ${count(quota.now)}${enough(quota.atLeast === undefined ? undefined : count(quota.atLeast))}`;
};

const enough = (atLeast: string | undefined): string =>
  atLeast === undefined ? "" : `; ${atLeast} or more would keep up on average`;

/** Less than this shows as nothing. Seconds. */
const NOTHING = 0.05;

/** Those in which files have spent time that shows. */
export const phasesOf = ({ phases }: CapacityResult): CapacityResult["phases"] =>
  phases.filter(({ mean, p95 }) => mean >= NOTHING || p95 >= NOTHING);
