import { basename } from "node:path";
import type { CapacityResult } from "../../local/capacity/result.ts";
import type { Arrival, DurationModel, Quotas, Size, Workload } from "../../local/capacity/workload.ts";
import { bytes, plural } from "../render/format.ts";
import { percent, time } from "./format.ts";

export interface Asked {
  readonly stack: string;
  readonly program: string;
  /** The trace's file, as it was given. */
  readonly traceFile: string | undefined;
  /** Config values that were given for this simulation. */
  readonly settings: Readonly<Record<string, string>>;
  /** Those of AWS's quotas that were given. */
  readonly quotas: Partial<Quotas>;
}

/** What is simulated, for people. */
export const scenarioOf = (workload: Workload, { traceFile = "", ...asked }: Asked): CapacityResult["scenario"] => ({
  stack: asked.stack,
  program: asked.program,
  files: workload.files,
  overSeconds: workload.overSeconds,
  arrival: arrivalInWords(workload.arrival, basename(traceFile)) + keysInWords(workload),
  size: sizeInWords(workload.size, basename(traceFile)),
  duration: workload.duration === undefined ? "as the stack says" : durationInWords(workload.duration),
  settings: asked.settings,
  quotas: { ...asked.quotas },
  seed: workload.seed,
});

const arrivalInWords = (arrival: Arrival, traceFile: string): string => {
  switch (arrival.kind) {
    case "even":
      return "evenly";
    case "poisson":
      return "at random";
    case "burst":
      return `in ${plural(arrival.bursts, "burst")}`;
    case "trace":
      return `as in ${traceFile}`;
  }
};

/** Which key a file is a version of counts only where it is said. */
const keysInWords = ({ keys }: Workload): string => (keys === undefined ? "" : `, versions of ${plural(keys, "key")}`);

const sizeInWords = (size: Size, traceFile: string): string => {
  switch (size.kind) {
    case "fixed":
      return `${binary(size.bytes)} each`;
    case "lognormal":
      return `${binary(size.medianBytes)} in the middle, lognormal with sigma ${size.sigma}`;
    case "trace":
      return `sizes as in ${traceFile}`;
  }
};

const durationInWords = (model: DurationModel): string => {
  const parts = [
    ...(model.fixed > 0 ? [seconds(model.fixed)] : []),
    ...(model.perFile > 0 ? [`${seconds(model.perFile)} a file`] : []),
    ...(model.perMiB > 0 ? [`${seconds(model.perMiB)} a MiB`] : []),
  ];
  return [
    `${parts.length === 0 ? "0 s" : parts.join(" + ")} a run`,
    ...(model.sigma > 0 ? [`varying with sigma ${model.sigma}`] : []),
    `${seconds(model.startUp)} to start up`,
    ...(model.failureRate > 0 ? [`${percent(model.failureRate)} fail`] : []),
  ].join(", ");
};

/** Whole numbers as they were typed: `20 s`, `0.2 s`. */
const seconds = (value: number): string => (value < 60 ? `${Math.round(value * 1000) / 1000} s` : time(value));

/** `1 MiB` where it is one, else in powers of a thousand. */
const binary = (size: number): string => {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (size >= factor && (size * 100) % factor === 0) return `${size / factor} ${unit}`;
  }
  return bytes(size);
};
