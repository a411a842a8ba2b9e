import { scaleLinear, scaleLog } from "d3-scale";
import { span, time } from "../format.ts";
import type { Tick } from "./plot.ts";

const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

/** `950`, `1.2K`, `3M`: for axes. */
export const compact = (value: number): string => COMPACT.format(value);

/** The vertical axis from 0: where values are, as a share of the height from the top. */
export function levels(
  highest: number,
  isWhole: boolean,
): { readonly at: (value: number) => number; readonly ticks: readonly Tick[] } {
  const scale = scaleLinear()
    .domain([0, highest > 0 ? highest : 1])
    .range([1, 0])
    .nice(4);
  const ticks = scale.ticks(4).filter((value) => !isWhole || Number.isInteger(value));
  return { at: (value) => scale(value), ticks: ticks.map((value) => ({ at: scale(value), text: compact(value) })) };
}

const UNITS = [
  { name: "d", seconds: 86_400, steps: [1, 2, 5, 7, 14, 30, 60, 90] },
  { name: "h", seconds: 3600, steps: [1, 2, 3, 4, 6, 12] },
  { name: "min", seconds: 60, steps: [1, 2, 5, 10, 20, 30] },
  { name: "s", seconds: 1, steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30] },
] as const;
const MOST_STEPS = 6;

/** Round times from 0 to so many seconds, at most six or so, all in one unit. */
export function timeTicks(seconds: number): readonly Tick[] {
  const unit = UNITS.find((candidate) => seconds >= 3 * candidate.seconds) ?? UNITS[3];
  const whole = seconds / unit.seconds;
  const step = unit.steps.find((size) => whole / size <= MOST_STEPS) ?? whole;
  return Array.from({ length: Math.floor(whole / step + 1e-9) + 1 }, (_, index) => ({
    at: (index * step) / whole,
    text: index === 0 ? "0" : `${compact(index * step)} ${unit.name}`,
  }));
}

const ROUND = [
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30],
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * 60),
  ...[1, 2, 4, 8, 12].map((hours) => hours * 3600),
  ...[1, 2, 4, 7, 14, 30, 60, 120, 365].map((days) => days * 86_400),
];
const MOST_TICKS = 5;
const FEWEST_TICKS = 3;

/** A logarithmic axis of times, from the first edge to the last. Where hardly a round time is between, edges are labelled. */
export function logTimes(edges: readonly number[]): {
  readonly at: (seconds: number) => number;
  readonly ticks: readonly Tick[];
} {
  const [from, to] = [edges[0] ?? 1, edges.at(-1) ?? 1];
  const scale = scaleLog().domain([from, to]).range([0, 1]);
  const round = ROUND.filter((seconds) => seconds >= from * 0.999 && seconds <= to * 1.001);
  const [values, text, most] =
    round.length >= FEWEST_TICKS ? [round, roundTime, MOST_TICKS] : [edges, time, FEWEST_TICKS];
  const every = Math.ceil(values.length / most);
  return {
    at: (seconds) => scale(seconds),
    ticks: values
      .filter((_, index) => index % every === 0)
      .map((seconds) => ({ at: scale(seconds), text: text(seconds) })),
  };
}

const roundTime = (seconds: number): string => (seconds < 1 ? time(seconds) : span(seconds));
