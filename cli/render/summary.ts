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
  /** Runs of its jobs: attempts, where it has one job. */
  readonly attempts: number;
  /** The stage that its last decision led to. */
  readonly branch?: string;
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

/** Of more files than these, stages are not told; of a single one the file's own line has told. */
const FILES_WITH_STAGES = 4;

const TONES: Readonly<Record<Verdict["outcome"], Tone>> = {
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  ignored: "warning",
  running: "active",
};

const dash = "–";

const outputColumn = <Row extends { readonly output?: string }>(isShort: boolean): Column<Row> => ({
  title: "output",
  value: ({ output }) => printable(output === undefined ? dash : isShort ? shortPath(output) : output),
});

/** A column in which nothing stands is left out, if there is nothing to miss in it. */
function fileColumns(files: readonly FileSummary[]): readonly Column<FileSummary>[] {
  const isComplete = files.every(({ outcome }) => outcome === "succeeded");
  const unlessEmpty = (column: Column<FileSummary>): readonly Column<FileSummary>[] =>
    isComplete && files.every((file) => /^[0–]$/.test(column.value(file))) ? [] : [column];
  const hasFiles = files.some(({ kept }) => kept !== undefined);
  const hasStages = files.some(({ stages }) => stages !== undefined);
  return [
    {
      title: hasFiles ? "file" : "execution",
      value: ({ file }) => printable(file),
      flexible: true,
      tone: () => "strong",
    },
    { title: "outcome", value: ({ outcome }) => outcome, tone: ({ outcome }) => TONES[outcome] },
    ...(hasFiles && files.some(({ branch }) => branch !== undefined)
      ? [{ title: "branch", value: ({ branch = dash }: FileSummary) => printable(branch) }]
      : []),
    ...unlessEmpty({
      title: hasStages ? "runs" : "attempts",
      value: ({ attempts }) => String(attempts),
      align: "right",
    }),
    { title: "time", value: ({ took }) => (took === undefined ? dash : duration(took)), align: "right" },
    ...unlessEmpty({ title: "rows", value: rows, align: "right" }),
  ];
}

const stageColumns = (title: string, attempts: string): readonly Column<StageSummary>[] => [
  { title, value: ({ stage }) => printable(stage), tone: () => "strong" },
  { title: "last run", value: ({ state }) => state, tone: ({ state }) => (state === "SUCCEEDED" ? "good" : "bad") },
  { title: attempts, value: (stage) => String(stage.attempts), align: "right" },
  { title: "ran", value: ({ ran }) => duration(ran), align: "right" },
  { title: "size", value: ({ size }) => size },
  { title: "Glue", value: ({ cost }) => (cost === undefined ? "?" : dollars(cost)), align: "right" },
];

const STAGE_COLUMNS: readonly Column<StageSummary>[] = [
  ...stageColumns("stage", "attempts"),
  { title: "rows", value: rows, align: "right" },
];

/** The name of an execution is long and one of a kind from its first part on: a shell finds the path by that. */
const shortPath = (path: string): string => path.replaceAll(/(?<=[0-9a-f]{8})[0-9a-f]{24,}(?=\/|$)/g, "*");

function rows({ rowsWritten, rowsRejected }: Pick<FileSummary, "rowsWritten" | "rowsRejected">): string {
  if (rowsWritten === undefined) return "–";
  return (
    count(rowsWritten) + (rowsRejected === undefined || rowsRejected === 0 ? "" : ` (${count(rowsRejected)} rejected)`)
  );
}

/** The final table, then for each file that did not succeed why, and where it is. */
export function summaryLines(files: readonly FileSummary[], columns: number, paint: Paint): readonly string[] {
  const troubled = files.filter(({ outcome }) => outcome !== "succeeded");
  const shape = fileColumns(files);
  const hasOutputs = troubled.length > 0 || files.some(({ output }) => output !== undefined);
  const whole = hasOutputs ? tableWithOutputs(files, shape, columns, paint) : table(files, shape, columns, paint);
  const areStagesTold = files.length <= FILES_WITH_STAGES && files.some(({ stages = [] }) => stages.length > 1);
  // The last stage's output is the file's.
  const outputs = files.filter(({ stages }) => !areStagesTold || stages === undefined);
  return [
    ...(whole ?? [
      ...table(files, shape, columns, paint),
      ...below(
        outputs.map(({ file, output }) => ({ name: file, output })),
        paint,
      ),
    ]),
    ...(areStagesTold ? files.flatMap((file) => stageLines(file, files.length > 1, columns, paint)) : []),
    ...troubled.flatMap(({ file, outcome, stage, reason, kept }) => [
      "",
      `${paint("strong", printable(file))} ${paint(TONES[outcome], outcome)}${stage === undefined ? "" : ` in ${printable(stage)}`}: ${printable(reason ?? "no reason is known")}`,
      ...(kept === undefined ? [] : [`  the object is kept at ${printable(kept)}`]),
    ]),
  ];
}

/** Job runs that no file or execution waits for. */
export function backgroundLines(jobs: readonly StageSummary[], columns: number, paint: Paint): readonly string[] {
  return jobs.length === 0 ? [] : ["", ...table(jobs, stageColumns("job in the background", "runs"), columns, paint)];
}

/** With the outputs in the last column, as long as they are or shortened; undefined: they do not fit. */
function tableWithOutputs<Row extends { readonly output?: string }>(
  list: readonly Row[],
  shape: readonly Column<Row>[],
  columns: number,
  paint: Paint,
): readonly string[] | undefined {
  return [false, true]
    .map((isShort) => table(list, [...shape, outputColumn<Row>(isShort)], Infinity, paint))
    .find((lines) => lines.every((line) => width(stripVTControlCharacters(line)) <= columns));
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
  const title = isOneOfMany ? [paint("strong", printable(file))] : [];
  const whole = tableWithOutputs(stages, STAGE_COLUMNS, columns, paint) ?? [
    ...table(stages, STAGE_COLUMNS, columns, paint),
    ...below(
      stages.map(({ stage, output }) => ({ name: stage, output })),
      paint,
    ),
  ];
  return ["", ...title, ...whole];
}

/** A path that was cut cannot be copied, so those that do not fit into the table have lines of their own. */
function below(
  list: readonly { readonly name: string; readonly output: string | undefined }[],
  paint: Paint,
): readonly string[] {
  const lines = list.flatMap(({ name, output }) =>
    output === undefined ? [] : [`${paint("strong", printable(name))} → ${printable(shortPath(output))}`],
  );
  return lines.length === 0 ? [] : ["", ...lines];
}

/** `On AWS: $0.0150 = Glue $0.0147 + …`. */
export function costLine(cost: Cost, runs: string, paint: Paint): string {
  const parts = [
    ...(cost.glue === 0 && runs === "" ? [] : [`Glue ${dollars(cost.glue)}${runs === "" ? "" : ` (${runs})`}`]),
    `Step Functions ${dollars(cost.stepFunctions)}`,
    `Lambda ${dollars(cost.lambda)}`,
    ...(cost.kinesis === undefined ? [] : [`Kinesis ${dollars(cost.kinesis)}`]),
  ];
  return `On AWS: ${paint("strong", dollars(cost.total))} = ${parts.join(" + ")}${paint("dim", "; free tiers not counted")}`;
}
