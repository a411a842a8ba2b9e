import { stripVTControlCharacters } from "node:util";
import { dollars } from "../../components/dollars.ts";
import type { Cost } from "../../local/cost.ts";
import type { Verdict } from "../run/outcome.ts";
import { count, duration } from "./format.ts";
import type { Paint, Tone } from "./style.ts";
import { table, type Column } from "./table.ts";
import { printable, width } from "./text.ts";

/** A file's line in the final table. */
export interface FileSummary extends Verdict {
  readonly file: string;
  readonly attempts: number;
  /** Milliseconds from its upload to the end of its execution. */
  readonly took?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  /** Where its output is on disk. */
  readonly output?: string;
  /** Where the uploaded object is on disk. */
  readonly kept: string;
}

const TONES: Readonly<Record<Verdict["outcome"], Tone>> = {
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  ignored: "warning",
  running: "active",
};

const COLUMNS: readonly Column<FileSummary>[] = [
  { title: "file", value: ({ file }) => printable(file), flexible: true, tone: () => "strong" },
  { title: "outcome", value: ({ outcome }) => outcome, tone: ({ outcome }) => TONES[outcome] },
  { title: "attempts", value: ({ attempts }) => String(attempts), align: "right" },
  { title: "time", value: ({ took }) => (took === undefined ? "–" : duration(took)), align: "right" },
  { title: "rows", value: rows, align: "right" },
  { title: "output", value: ({ output }) => printable(output ?? "–") },
];

function rows({ rowsWritten, rowsRejected }: FileSummary): string {
  if (rowsWritten === undefined) return "–";
  return (
    count(rowsWritten) + (rowsRejected === undefined || rowsRejected === 0 ? "" : ` (${count(rowsRejected)} rejected)`)
  );
}

/** The final table, then for each file that did not succeed why, and where it is. */
export function summaryLines(files: readonly FileSummary[], columns: number, paint: Paint): readonly string[] {
  const troubled = files.filter(({ outcome }) => outcome !== "succeeded");
  const whole = table(files, COLUMNS, Infinity, paint);
  const fits = whole.every((line) => width(stripVTControlCharacters(line)) <= columns);
  return [
    ...(fits ? whole : [...table(files, COLUMNS.slice(0, -1), columns, paint), ...outputLines(files, paint)]),
    ...troubled.flatMap(({ file, outcome, reason, kept }) => [
      "",
      `${paint("strong", printable(file))} ${paint(TONES[outcome], outcome)}: ${printable(reason ?? "no reason is known")}`,
      `  the object is kept at ${printable(kept)}`,
    ]),
  ];
}

/** A path that was cut cannot be copied, so those that do not fit into the table have lines of their own. */
function outputLines(files: readonly FileSummary[], paint: Paint): readonly string[] {
  const lines = files.flatMap(({ file, output }) =>
    output === undefined ? [] : [`${paint("strong", printable(file))} → ${printable(output)}`],
  );
  return lines.length === 0 ? [] : ["", ...lines];
}

/** `On AWS: $0.0150 = Glue $0.0147 + …`. */
export function costLine(cost: Cost, runs: string, paint: Paint): string {
  const glue = `Glue ${dollars(cost.glue)}${runs === "" ? "" : ` (${runs})`}`;
  const parts = [glue, `Step Functions ${dollars(cost.stepFunctions)}`, `Lambda ${dollars(cost.lambda)}`];
  return `On AWS: ${paint("strong", dollars(cost.total))} = ${parts.join(" + ")}${paint("dim", "; free tiers not counted")}`;
}
