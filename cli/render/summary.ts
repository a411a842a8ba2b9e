import { stripVTControlCharacters } from "node:util";
import { dollars } from "../../components/dollars.ts";
import type { Cost } from "../../local/cost.ts";
import type { Verdict } from "../run/outcome.ts";
import { count, duration, plural } from "./format.ts";
import type { Paint, Tone } from "./style.ts";
import { table, type Column } from "./table.ts";
import { printable, width } from "./text.ts";

/** A line in the final table: of a file, or of an execution without one. */
export interface FileSummary extends Verdict {
  /** Its name, or the execution's. */
  readonly file: string;
  readonly attempts: number;
  /** Milliseconds from its upload to the end of its execution. */
  readonly took?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  /** Where its output is on disk. */
  readonly output?: string;
  /** Where the uploaded object is on disk; absent where there was none. */
  readonly kept?: string;
  /** What came of its stages, where it has any. */
  readonly stages?: readonly StageSummary[];
}

/** A stage's line in the table of a file's stages. */
export interface StageSummary {
  readonly stage: string;
  /** How its last run ended. */
  readonly state: string;
  readonly attempts: number;
  /** Milliseconds that its runs ran. */
  readonly ran: number;
  /** Of its last run, for example `2 × G.1X`. */
  readonly size: string;
  /** USD that its runs would have cost; undefined: no price is known. */
  readonly cost?: number;
  readonly rowsWritten?: number;
  readonly rowsRejected?: number;
  readonly output?: string;
}

/** Of more files than these, stages are not told. */
const FILES_WITH_STAGES = 4;

const TONES: Readonly<Record<Verdict["outcome"], Tone>> = {
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  ignored: "warning",
  running: "active",
};

const FIRST: Column<FileSummary> = {
  title: "file",
  value: ({ file }) => printable(file),
  flexible: true,
  tone: () => "strong",
};

const COLUMNS: readonly Column<FileSummary>[] = [
  FIRST,
  { title: "outcome", value: ({ outcome }) => outcome, tone: ({ outcome }) => TONES[outcome] },
  { title: "attempts", value: ({ attempts }) => String(attempts), align: "right" },
  { title: "time", value: ({ took }) => (took === undefined ? "–" : duration(took)), align: "right" },
  { title: "rows", value: rows, align: "right" },
  { title: "output", value: ({ output }) => printable(output ?? "–") },
];

const STAGE_COLUMNS: readonly Column<StageSummary>[] = [
  { title: "stage", value: ({ stage }) => printable(stage), tone: () => "strong" },
  { title: "last run", value: ({ state }) => state, tone: ({ state }) => (state === "SUCCEEDED" ? "good" : "bad") },
  { title: "attempts", value: ({ attempts }) => String(attempts), align: "right" },
  { title: "ran", value: ({ ran }) => duration(ran), align: "right" },
  { title: "size", value: ({ size }) => size },
  { title: "Glue", value: ({ cost }) => (cost === undefined ? "?" : dollars(cost)), align: "right" },
  { title: "rows", value: rows, align: "right" },
  { title: "output", value: ({ output }) => printable(output ?? "–") },
];

function rows({ rowsWritten, rowsRejected }: Pick<FileSummary, "rowsWritten" | "rowsRejected">): string {
  if (rowsWritten === undefined) return "–";
  return (
    count(rowsWritten) + (rowsRejected === undefined || rowsRejected === 0 ? "" : ` (${count(rowsRejected)} rejected)`)
  );
}

/** The final table, then for each file that did not succeed why, and where it is. */
export function summaryLines(files: readonly FileSummary[], columns: number, paint: Paint): readonly string[] {
  const troubled = files.filter(({ outcome }) => outcome !== "succeeded");
  const shape = files.some(({ kept }) => kept !== undefined)
    ? COLUMNS
    : [{ ...FIRST, title: "execution" }, ...COLUMNS.slice(1)];
  const whole = table(files, shape, Infinity, paint);
  const fits = whole.every((line) => width(stripVTControlCharacters(line)) <= columns);
  return [
    ...(fits ? whole : [...table(files, shape.slice(0, -1), columns, paint), ...outputLines(files, paint)]),
    ...(files.length > FILES_WITH_STAGES
      ? []
      : files.flatMap((file) => stageLines(file, files.length > 1, columns, paint))),
    ...troubled.flatMap(({ file, outcome, stage, reason, kept }) => [
      "",
      `${paint("strong", printable(file))} ${paint(TONES[outcome], outcome)}${stage === undefined ? "" : ` in ${printable(stage)}`}: ${printable(reason ?? "no reason is known")}`,
      ...(kept === undefined ? [] : [`  the object is kept at ${printable(kept)}`]),
    ]),
  ];
}

/** How many messages went to which queue: `entries-1a2b3c  100,000 messages`. */
export function messageCountLines(messages: ReadonlyMap<string, number>, paint: Paint): readonly string[] {
  return [...messages].map(
    ([queue, sent]) =>
      `${paint("strong", printable(queue.slice(queue.lastIndexOf("/") + 1)))}  ${plural(sent, "message")}`,
  );
}

function stageLines(
  { file, stages = [] }: FileSummary,
  isOneOfMany: boolean,
  columns: number,
  paint: Paint,
): readonly string[] {
  if (stages.length === 0) return [];
  const whole = table(stages, STAGE_COLUMNS, Infinity, paint);
  const fits = whole.every((line) => width(stripVTControlCharacters(line)) <= columns);
  const title = isOneOfMany ? [paint("strong", printable(file))] : [];
  return ["", ...title, ...(fits ? whole : table(stages, STAGE_COLUMNS.slice(0, -1), columns, paint))];
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
