import { count, duration, plural, shortId } from "../render/format.ts";
import type { Paint, Tone } from "../render/style.ts";
import { table, type Column } from "../render/table.ts";
import { printable } from "../render/text.ts";
import { ledgerLines } from "./ledger-lines.ts";
import type { EndedFile, RunningFile, StatusReport } from "./status-report.ts";

export interface StatusView {
  readonly columns: number;
  readonly paint: Paint;
  /** Milliseconds since the epoch: ages are up to here. */
  readonly now: number;
}

/** How a stack is doing, for a person. */
export function statusLines(report: StatusReport, view: StatusView): readonly string[] {
  return [
    ...section(
      report.runningCount > report.running.length ? `Running, the newest of ${count(report.runningCount)}` : "Running",
      report.running,
      runningColumns(view.now),
      view,
    ),
    "",
    ...section("Last ended", report.ended, endedColumns(view.now), view),
    ...reasons("Last failed", report.failed, view),
    ...reasons(
      "Last rejected",
      report.ended.filter(({ outcome }) => outcome === "rejected"),
      view,
    ),
    ...(report.ledger === undefined ? [] : ["", ...ledgerLines(report.ledger, view)]),
    "",
    ...queueLines(report.failureQueue, view),
  ];
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  shape: readonly Column<Row>[],
  { columns, paint }: StatusView,
): readonly string[] {
  if (rows.length === 0) return [`${paint("strong", title)}: ${paint("dim", "nothing")}`];
  return [paint("strong", title), ...table(rows, shape, columns - 2, paint).map((line) => `  ${line}`)];
}

const runningColumns = (now: number): readonly Column<RunningFile>[] => [
  { title: "file", value: nameOf, flexible: true },
  { title: "state", value: ({ state }) => state ?? "–" },
  { title: "job run", value: ({ jobRun }) => shortId(jobRun?.Id ?? "–") },
  { title: "", value: ({ jobRun }) => jobRun?.JobRunState ?? "", tone: () => "active" },
  { title: "age", value: ({ startDate }) => age(startDate, now), align: "right" },
];

const TONES: Readonly<Record<EndedFile["outcome"], Tone>> = { succeeded: "good", failed: "bad", rejected: "warning" };

const endedColumns = (now: number): readonly Column<EndedFile>[] => [
  { title: "file", value: nameOf, flexible: true },
  { title: "outcome", value: ({ outcome }) => outcome, tone: ({ outcome }) => TONES[outcome] },
  {
    title: "time",
    value: ({ startDate, stopDate }) => duration(Math.max(0, Date.parse(stopDate) - Date.parse(startDate))),
    align: "right",
  },
  { title: "rows", value: rows, align: "right" },
  { title: "ended", value: ({ stopDate }) => `${age(stopDate, now)} ago`, align: "right" },
];

function reasons(title: string, files: readonly EndedFile[], view: StatusView): readonly string[] {
  if (files.length === 0) return [];
  return ["", view.paint("strong", title), ...files.flatMap((file) => reasonLines(file, view))];
}

function reasonLines(file: EndedFile, { paint, now }: StatusView): readonly string[] {
  const when = paint("dim", `${age(file.stopDate, now)} ago`);
  return [
    `  ${nameOf(file)}  ${when}  ${printable(file.reason ?? file.status)}`,
    `    ${paint("dim", `execution ${file.executionName}`)}`,
  ];
}

function queueLines(queue: StatusReport["failureQueue"], { paint, now }: StatusView): readonly string[] {
  const parts = [
    plural(queue.visible, "message"),
    ...(queue.inFlight > 0 ? [`${count(queue.inFlight)} more in flight`] : []),
    ...(queue.oldest === undefined ? [] : [`the oldest seen is from ${age(queue.oldest, now)} ago`]),
  ];
  const tone = queue.visible + queue.inFlight > 0 ? "warning" : "good";
  return [
    `${paint("strong", "Failure queue")}: ${paint(tone, parts.join(", "))}`,
    ...queue.undispatched.map(
      ({ bucket, key, functionName, reason }) =>
        `  ${printable(`${bucket}/${key}`)} has no execution: ${functionName} failed with ${printable(reason)}`,
    ),
  ];
}

const nameOf = ({ key, executionName }: { readonly key?: string; readonly executionName: string }): string =>
  printable(key ?? executionName);

const age = (date: string, now: number): string => duration(Math.max(0, now - Date.parse(date)));

function rows({ rowsWritten, rowsRejected }: EndedFile): string {
  if (rowsWritten === undefined) return "–";
  return (
    count(rowsWritten) + (rowsRejected === undefined || rowsRejected === 0 ? "" : ` (${count(rowsRejected)} rejected)`)
  );
}
