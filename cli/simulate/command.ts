import { isAbsolute, relative } from "node:path";
import { Screen } from "../render/screen.ts";
import { progressBar } from "../render/steps.ts";
import { truncate } from "../render/text.ts";
import { paintFor, type Paint } from "../render/style.ts";
import { count, plural } from "../render/format.ts";
import type { Io } from "../lib/command.ts";
import { documentOf } from "./document.ts";
import { time } from "./format.ts";
import { readSimulateOptions } from "./options.ts";
import { reportPage } from "./report/page.ts";
import { writeReport } from "./report/write.ts";
import { runVariants, type Progress, type Simulate } from "./run.ts";
import { comparisonLines } from "./text/comparison-lines.ts";
import { resultLines, scenarioLines } from "./text/result-lines.ts";
import { commonOf, isSimulated, type Variant } from "./variants.ts";

/** Narrower, a table of variants would be cut where there is no terminal to fit it to. */
const WIDEST = 160;

/** Reads the options, simulates, and tells what was found. Resolves with the exit code. */
export async function simulateAndTell(args: readonly string[], io: Io, simulate: Simulate): Promise<number> {
  const began = io.now();
  const options = await readSimulateOptions(args, io.cwd);
  const screen = new Screen(options.json ? io.err : io.out, io.isTerminal && !options.json);
  const paint = paintFor(io.isTerminal && !options.json, io.env);
  const variants = await runVariants(options, simulate, (progress) => {
    screen.live(progressLine(progress, io.columns, paint));
  });
  const wallSeconds = Math.round((io.now() - began) / 100) / 10;
  const isAnySimulated = variants.some(isSimulated);
  if (options.json) {
    io.out(`${JSON.stringify(documentOf(variants, wallSeconds), undefined, 2)}\n`);
  } else {
    for (const line of linesOf(variants, Math.min(io.columns, WIDEST), paint)) screen.line(line);
    screen.line();
    screen.line(paint("dim", `Simulated in ${wallSeconds.toFixed(1)} s`));
  }
  if (options.report !== undefined && isAnySimulated) {
    writeReport(options.report, reportPage(variants));
    if (!options.json) screen.line(`Report: ${seenFrom(io.cwd, options.report)}`);
  }
  return isAnySimulated ? 0 : 1;
}

/** Files elsewhere go by their whole path. */
const seenFrom = (folder: string, path: string): string => {
  const way = relative(folder, path);
  return way.startsWith("..") || isAbsolute(way) ? path : way;
};

function linesOf(variants: readonly Variant[], columns: number, paint: Paint): readonly string[] {
  const first = variants.find(isSimulated);
  if (variants.length === 1 && first !== undefined) {
    return [...scenarioLines(first.result, columns, paint), "", ...resultLines(first.result, columns, paint)];
  }
  return [
    ...(first === undefined ? [] : [...scenarioLines(commonOf(first), columns, paint), ""]),
    ...comparisonLines(variants, columns, paint),
  ];
}

function progressLine(
  { variant, variants, arrived, ended, files, seconds }: Progress,
  columns: number,
  paint: Paint,
): string {
  const parts = [
    progressBar((arrived + ended) / (2 * files)),
    `${count(ended)} of ${plural(files, "file")} ended`,
    time(seconds),
    ...(variants === 1 ? [] : [`variant ${variant + 1} of ${variants}`]),
  ];
  const label = "simulating";
  return `  ${paint("active", label)}  ${truncate(parts.join("  "), columns - label.length - 5)}`;
}
