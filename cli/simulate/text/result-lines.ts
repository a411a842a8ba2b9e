import type { CapacityResult } from "../../../local/capacity/result.ts";
import { count, plural } from "../../render/format.ts";
import { unpainted, type Paint, type Tone } from "../../render/style.ts";
import { table } from "../../render/table.ts";
import { printable, width } from "../../render/text.ts";
import {
  failuresOf,
  figure,
  givenParts,
  knobOf,
  money,
  NO_BOTTLENECK,
  outcomesOf,
  percent,
  phasesOf,
  scenarioParts,
  shareOfTime,
  time,
} from "../format.ts";
import { bar } from "./bars.ts";
import { folded, labelled } from "./fold.ts";

const WIDEST_BAR = 30;
const NARROWEST_BAR = 6;

const TONES: Readonly<Record<string, Tone>> = {
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  superseded: "warning",
  unfinished: "warning",
};

/** What was simulated, in two or three lines. */
export function scenarioLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const { program, stack } = result.scenario;
  const given = givenParts(result);
  return [
    `${paint("strong", printable(program))}${paint("dim", ` · stack ${printable(stack)} · capacity simulation`)}`,
    ...folded(scenarioParts(result).map(printable), columns),
    ...(given.length === 0
      ? []
      : folded([printable(`with ${given.join(" ")}`)], columns).map((line) => paint("dim", line))),
  ];
}

/** All that was found, for people. */
export function resultLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const room = Math.min(columns, 100);
  return [
    ...workLines(result, columns, paint),
    "",
    ...latencyLines(result, room, paint),
    "",
    ...phaseLines(result, room, paint),
    "",
    ...loadLines(result, columns, paint),
    "",
    ...costLines(result, room, paint),
    "",
    ...bottleneckLines(result, columns, paint),
    "",
    ...assumptionLines([result], columns, paint),
  ];
}

/** What the figures of all of them rest on, each assumption once. */
export const assumptionLines = (results: readonly CapacityResult[], columns: number, paint: Paint): readonly string[] =>
  [...new Set(results.flatMap(({ cost }) => cost.assumptions))].flatMap((text, index) =>
    labelled(index === 0 ? "assumed" : "", [printable(text)], columns, paint, "dim"),
  );

function workLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const outcomes = outcomesOf(result).map(([name, files]) => paint(TONES[name] ?? "plain", `${count(files)} ${name}`));
  const work = [
    plural(result.executions, "execution"),
    plural(result.jobRuns, "job run"),
    `${time(result.elapsedSeconds)} from the first file to the last end`,
  ];
  return [
    ...labelled("files", [outcomes.join(" · ")], Infinity, paint),
    ...(result.failures.length === 0 ? [] : labelled("failed of", failuresOf(result).map(printable), columns, paint)),
    ...labelled("work", work, columns, paint),
  ];
}

function latencyLines({ latency }: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const figures = ["min", "p50", "mean", "p90", "p95", "p99", "max"] as const;
  const lines = table(
    [latency],
    [
      { title: "latency", value: () => "per file" },
      ...figures.map((name) => ({
        title: name,
        value: (row: CapacityResult["latency"]) => time(row[name]),
        align: "right" as const,
      })),
    ],
    columns,
    unpainted,
  );
  return lines.every((line) => width(line) <= columns)
    ? lines.map((line, index) => paint(index === 0 ? "dim" : "plain", line))
    : labelled(
        "latency",
        figures.map((name) => `${name} ${time(latency[name])}`),
        columns,
        paint,
      );
}

const barRoom = (columns: number, taken: number): number =>
  Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, columns - taken));

function phaseLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const room = barRoom(columns, 54);
  return table(
    phasesOf(result),
    [
      { title: "where the time went", value: ({ name }) => name },
      { title: "mean", value: ({ mean }) => time(mean), align: "right" },
      { title: "p95", value: ({ p95 }) => time(p95), align: "right" },
      { title: "share", value: ({ share }) => percent(share), align: "right" },
      { title: "", value: ({ share }) => bar(share, room), tone: () => "active" },
    ],
    columns,
    paint,
  );
}

function loadLines(
  { peaks, throttles, retries, historyEvents }: CapacityResult,
  columns: number,
  paint: Paint,
): readonly string[] {
  const most = [
    plural(peaks.executions, "execution"),
    plural(peaks.jobRuns, "job run"),
    `${plural(peaks.waitingForRun, "execution")} waiting for a run`,
    `${plural(peaks.queuedFiles, "file")} waiting for an execution`,
    plural(peaks.lambda, "function"),
  ];
  const refused = throttles.map(
    ({ service, error, count: times }) => `${count(times)} × ${printable(`${service} ${error}`)}`,
  );
  const { mean, max, limit } = historyEvents;
  return [
    ...labelled("peaks", most, columns, paint),
    ...labelled("throttles", refused.length === 0 ? ["none"] : refused, columns, paint),
    ...labelled("retries", [count(retries)], columns, paint),
    ...labelled(
      "history",
      [`${figure(mean)} events an execution, at most ${count(max)} of ${count(limit)}`],
      columns,
      paint,
    ),
  ];
}

function costLines({ cost }: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const room = barRoom(columns, 48);
  const services = Object.entries(cost.services)
    .filter(([, dollars]) => dollars > 0)
    .sort(([, a], [, b]) => b - a);
  return [
    `${paint("strong", money(cost.total))} on AWS, ${paint("strong", money(cost.perThousandFiles))} per thousand files`,
    ...table(
      services,
      [
        { title: "service", value: ([name]) => printable(name) },
        { title: "cost", value: ([, dollars]) => money(dollars), align: "right" },
        { title: "share", value: ([, dollars]) => percent(dollars / cost.total), align: "right" },
        { title: "", value: ([, dollars]) => bar(dollars / cost.total, room), tone: () => "active" },
      ],
      columns,
      paint,
    ),
  ];
}

function bottleneckLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const { bottleneck } = result;
  if (bottleneck === undefined) return labelled("bottleneck", [NO_BOTTLENECK], columns, paint);
  const knob = knobOf(bottleneck);
  return [
    ...labelled("bottleneck", [printable(`${bottleneck.resource}, ${shareOfTime(bottleneck)}`)], columns, paint),
    ...(knob === "" ? [] : labelled("", [printable(knob)], columns, paint)),
    ...labelled("", [printable(bottleneck.advice)], columns, paint, "strong"),
  ];
}
