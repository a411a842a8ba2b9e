import type { CapacityResult } from "../../../local/capacity/result.ts";
import { count, plural } from "../../render/format.ts";
import type { Paint, Tone } from "../../render/style.ts";
import { table } from "../../render/table.ts";
import { printable } from "../../render/text.ts";
import { figure, knobOf, money, outcomesOf, percent, phasesOf, scenarioParts, time } from "../format.ts";
import { bar } from "./bars.ts";

const LABEL = 12;
const WIDEST_BAR = 30;
const NARROWEST_BAR = 6;

const TONES: Readonly<Record<string, Tone>> = {
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  unfinished: "warning",
};

/** What was simulated, in two or three lines. */
export function scenarioLines(result: CapacityResult, paint: Paint): readonly string[] {
  const { program, stack, settings } = result.scenario;
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return [
    `${paint("strong", printable(program))}${paint("dim", ` · stack ${printable(stack)} · capacity simulation`)}`,
    printable(scenarioParts(result).join(" · ")),
    ...(set.length === 0 ? [] : [paint("dim", printable(`with ${set.join(" ")}`))]),
  ];
}

/** All that was found, for people. */
export function resultLines(result: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const room = Math.min(columns, 100);
  return [
    ...workLines(result, paint),
    "",
    ...latencyLines(result, room, paint),
    "",
    ...phaseLines(result, room, paint),
    "",
    ...loadLines(result, paint),
    "",
    ...costLines(result, room, paint),
    "",
    ...bottleneckLines(result, paint),
  ];
}

const labelled = (label: string, text: string, paint: Paint): string => paint("dim", label.padEnd(LABEL)) + text;

function workLines(result: CapacityResult, paint: Paint): readonly string[] {
  const outcomes = outcomesOf(result).map(([name, files]) => paint(TONES[name] ?? "plain", `${count(files)} ${name}`));
  const work = [
    plural(result.executions, "execution"),
    plural(result.jobRuns, "job run"),
    `${time(result.elapsedSeconds)} from the first file to the last end`,
  ];
  return [labelled("files", outcomes.join(" · "), paint), labelled("work", work.join(" · "), paint)];
}

function latencyLines({ latency }: CapacityResult, columns: number, paint: Paint): readonly string[] {
  const figures = ["min", "p50", "mean", "p90", "p95", "p99", "max"] as const;
  return table(
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

function loadLines({ peaks, throttles, retries, historyEvents }: CapacityResult, paint: Paint): readonly string[] {
  const most = [
    plural(peaks.executions, "execution"),
    plural(peaks.jobRuns, "run"),
    `${count(peaks.waitingForRun)} waiting for a run`,
    `${plural(peaks.queuedFiles, "file")} queued`,
    plural(peaks.lambda, "function"),
  ];
  const refused = throttles.map(
    ({ service, error, count: times }) => `${count(times)} × ${printable(`${service} ${error}`)}`,
  );
  const { mean, max, limit } = historyEvents;
  return [
    labelled("peaks", most.join(" · "), paint),
    labelled("throttles", refused.length === 0 ? "none" : refused.join(" · "), paint),
    labelled("retries", count(retries), paint),
    labelled("history", `${figure(mean)} events an execution, at most ${count(max)} of ${count(limit)}`, paint),
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

function bottleneckLines({ bottleneck }: CapacityResult, paint: Paint): readonly string[] {
  if (bottleneck === undefined) return [labelled("bottleneck", "none: nothing was used up", paint)];
  const { resource, saturated, advice } = bottleneck;
  const knob = knobOf(bottleneck);
  return [
    labelled("bottleneck", `${printable(resource)}, used up ${percent(saturated)} of the time`, paint),
    ...(knob === "" ? [] : [labelled("", printable(knob), paint)]),
    labelled("", paint("strong", printable(advice)), paint),
  ];
}
