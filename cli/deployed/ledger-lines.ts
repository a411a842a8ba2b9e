import { bytes, count, duration } from "../render/format.ts";
import type { Paint, Tone } from "../render/style.ts";
import { printable } from "../render/text.ts";
import type { FileStatus } from "./file-status.ts";
import type { LedgerFile, LedgerStatus } from "./ledger-status.ts";

interface View {
  readonly paint: Paint;
  /** Milliseconds since the epoch: ages are up to here. */
  readonly now: number;
}

const TONES: Readonly<Record<string, Tone>> = {
  waiting: "dim",
  started: "active",
  succeeded: "good",
  failed: "bad",
  rejected: "warning",
  superseded: "warning",
};

/** What the ledger says of all files, in a few lines. */
export function ledgerLines({ counts, oldestWaiting, failed }: LedgerStatus, { paint, now }: View): readonly string[] {
  const parts = Object.keys(TONES).flatMap((state) => {
    const number = counts[state as keyof typeof counts] ?? 0;
    return number === 0 ? [] : [paint(TONES[state] ?? "plain", `${count(number)} ${state}`)];
  });
  return [
    `${paint("strong", "Ledger")}: ${parts.length === 0 ? paint("dim", "no files") : parts.join(" · ")}`,
    ...(oldestWaiting === undefined
      ? []
      : [`  waits for ${age(oldestWaiting.arrived, now)}: ${printable(oldestWaiting.key)}`]),
    ...failed.map(
      (file) =>
        `  ${printable(file.key)}  ${paint("dim", `${age(file.ended, now)} ago`)}  ${printable(file.reason ?? "failed")}`,
    ),
  ];
}

/** All about one key. */
export function fileLines({ bucket, key, versions }: FileStatus, { paint, now }: View): readonly string[] {
  const place = printable(`${bucket}/${key}`);
  if (versions.length === 0) {
    const hint = key.includes("/") ? "" : ' A KEY is whole, as in "incoming/orders.csv".';
    return [`There is no ${place}.${hint}`];
  }
  return [paint("strong", place), ...versions.flatMap((file) => ["", ...versionLines(file, { paint, now })])];
}

function versionLines(file: LedgerFile, { paint, now }: View): readonly string[] {
  const when = (time: string | undefined): string | undefined =>
    time === undefined ? undefined : `${time}  ${paint("dim", `${age(time, now)} ago`)}`;
  const rows =
    file.rowsWritten === undefined
      ? undefined
      : `${count(file.rowsWritten)} written, ${count(file.rowsRejected ?? 0)} rejected`;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["version", `${file.versionId}  ${paint("dim", bytes(file.size))}`],
    ["state", paint(TONES[file.state] ?? "plain", explained(file))],
    ["reason", file.reason],
    ["execution", file.executionName],
    ["attempts", file.attempts === undefined ? undefined : String(file.attempts)],
    ["job run", file.jobRunId],
    ["rows", rows],
    ["output", file.output],
    ["arrived", when(file.arrived)],
    ["started", when(file.started)],
    ["ended", when(file.ended)],
  ];
  return fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(9)}  ${lineOf(name, value)}`],
  );
}

/** What comes from outside; the others may have colours. */
const OUTSIDE = new Set(["reason", "execution", "job run", "output"]);
const lineOf = (name: string, value: string): string => (OUTSIDE.has(name) ? printable(value) : value);

function explained({ state, generation = 0 }: LedgerFile): string {
  if (state === "unknown") return "unknown: not taken on, or forgotten since";
  return generation === 0 ? state : `${state}, sent again ${generation === 1 ? "once" : `${generation} times`}`;
}

const age = (date: string | undefined, now: number): string =>
  date === undefined ? "–" : duration(Math.max(0, now - Date.parse(date)));
