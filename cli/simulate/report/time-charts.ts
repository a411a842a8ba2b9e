import { area, curveStepAfter, line } from "d3-shape";
import type { Series } from "../../../local/capacity/result.ts";
import { count } from "../../render/format.ts";
import { figure, time } from "../format.ts";
import { levels, timeTicks } from "./axes.ts";
import { html, type Html } from "./html.ts";
import { dataTable, hit, plot, SIDE, type Key } from "./plot.ts";

interface Course extends Key {
  readonly values: readonly number[];
  readonly isShaded?: boolean;
}

interface TimeChart {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly unit: string;
  readonly courses: readonly Course[];
  readonly stepSeconds: number;
  /** The highest of several steps, or their mean. */
  readonly together: "highest" | "mean";
  readonly isWide?: boolean;
}

/** So many places tell their values; more could not be told apart by a finger. */
const PLACES = 96;
const ROWS = 24;

/** What happened over time: files that came and went, queues, what ran at once, what AWS refused. */
export function timeCharts(series: Series, prefix: string): readonly Html[] {
  const { stepSeconds } = series;
  const { perStep, name: each } = rateOf(stepSeconds, Math.max(...series.arrivals, ...series.ends, 0));
  const rate = (values: readonly number[]): readonly number[] => values.map((value) => value * perStep);
  const highest = (values: readonly number[]): string => count(Math.max(0, ...values));
  const levelsOf = { stepSeconds, together: "highest" } as const;
  const hasThrottles = series.throttles.some((value) => value > 0);
  return [
    timeChart({
      id: `${prefix}flow`,
      title: "Files in and out",
      says: `Files that landed and files that came to their end, each ${each}.`,
      unit: `files a ${each}`,
      courses: [
        { name: "landed", color: "var(--c-blue)", values: rate(series.arrivals) },
        { name: "ended", color: "var(--c-green)", values: rate(series.ends) },
      ],
      stepSeconds,
      together: "mean",
    }),
    timeChart({
      id: `${prefix}queue`,
      title: "Files in the queue",
      says: `Files that wait for an execution: ${highest(series.queuedFiles)} at most.`,
      unit: "files",
      courses: [{ name: "files queued", color: "var(--c-orange)", values: series.queuedFiles, isShaded: true }],
      ...levelsOf,
    }),
    timeChart({
      id: `${prefix}concurrency`,
      title: "Executions at once",
      says: `${highest(series.executions)} at most, of which ${highest(series.waitingForRun)} at most wait for a run.`,
      unit: "executions",
      courses: [
        { name: "executions", color: "var(--c-purple)", values: series.executions },
        { name: "waiting for a run", color: "var(--c-red)", values: series.waitingForRun, isShaded: true },
      ],
      ...levelsOf,
    }),
    // On an axis of its own: fifty runs would not show below thousands of executions.
    timeChart({
      id: `${prefix}runs`,
      title: "Job runs at once",
      says: `${highest(series.jobRuns)} at most.`,
      unit: "job runs",
      courses: [{ name: "job runs", color: "var(--c-green)", values: series.jobRuns, isShaded: true }],
      ...levelsOf,
    }),
    ...(hasThrottles
      ? [
          timeChart({
            id: `${prefix}throttles`,
            title: "Refused by AWS",
            says: `Calls that were throttled or refused for a limit, in each ${time(stepSeconds)}.`,
            unit: `calls in ${time(stepSeconds)}`,
            courses: [{ name: "refused", color: "var(--c-red)", values: series.throttles, isShaded: true }],
            ...levelsOf,
            // Two by two, panels come out even.
            isWide: true,
          }),
        ]
      : []),
  ];
}

/** In the unit in which there is more than one. */
const rateOf = (stepSeconds: number, highest: number): { readonly perStep: number; readonly name: string } => {
  const perSecond = highest / stepSeconds;
  if (perSecond >= 1) return { perStep: 1 / stepSeconds, name: "second" };
  return perSecond >= 1 / 60
    ? { perStep: 60 / stepSeconds, name: "minute" }
    : { perStep: 3600 / stepSeconds, name: "hour" };
};

function timeChart({ id, title, says, unit, courses, stepSeconds, together, isWide = false }: TimeChart): Html {
  const steps = Math.max(1, ...courses.map(({ values }) => values.length));
  const isWhole = together === "highest";
  const { at, ticks } = levels(Math.max(0, ...courses.flatMap(({ values }) => values)), isWhole);
  const seconds = steps * stepSeconds;
  const shown = isWhole ? count : (value: number): string => figure(value);
  const told = (parts: number): readonly (readonly [string, readonly string[], number, number])[] =>
    partsOf(steps, parts).map(([from, to]) => [
      `${time(from * stepSeconds)} – ${time(to * stepSeconds)}`,
      courses.map(({ values }) => shown(summary(values.slice(from, to), together))),
      from / steps,
      to / steps,
    ]);
  return plot({
    id,
    title,
    says,
    keys: courses,
    xs: timeTicks(seconds),
    ys: ticks,
    unit,
    across: "time from the start",
    isWide,
    marks: [
      ...courses.map(({ values, color, isShaded = false }) =>
        curveOf(values, color, isShaded, (value) => at(value) * SIDE),
      ),
      ...told(PLACES).map(([when, values, from, to]) =>
        hit(
          from * SIDE,
          (to - from) * SIDE,
          [when, ...courses.map(({ name }, index) => `${name}: ${values[index] ?? ""}`)].join("\n"),
        ),
      ),
    ],
    data: dataTable(
      ["time", ...courses.map(({ name }) => name)],
      told(ROWS).map(([when, values]) => [when, ...values]),
    ),
  });
}

/** Steps, each as wide as it lasts. */
function curveOf(values: readonly number[], color: string, isShaded: boolean, y: (value: number) => number): Html {
  const points = [...values, values.at(-1) ?? 0];
  const x = (_: number, index: number): number => (index / values.length) * SIDE;
  const path = line<number>().x(x).y(y).curve(curveStepAfter).digits(1)(points) ?? "";
  const under = area<number>().x(x).y1(y).y0(SIDE).curve(curveStepAfter).digits(1)(points) ?? "";
  return html`${isShaded ? html`<path class="mark shade" d="${under}" style="fill:${color}" />` : html``}<path
      class="mark line"
      d="${path}"
      style="stroke:${color}"
    />`;
}

const partsOf = (steps: number, most: number): readonly (readonly [number, number])[] => {
  const size = Math.ceil(steps / most);
  return Array.from({ length: Math.ceil(steps / size) }, (_, index) => [
    index * size,
    Math.min(steps, (index + 1) * size),
  ]);
};

const summary = (values: readonly number[], together: TimeChart["together"]): number =>
  together === "highest"
    ? Math.max(0, ...values)
    : values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
