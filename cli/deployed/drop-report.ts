import { printable } from "../render/text.ts";
import { summaryLines } from "../render/summary.ts";
import type { Paint } from "../render/style.ts";
import { plural } from "../render/format.ts";
import type { Ledger } from "../run/ledger.ts";
import { verdictOn } from "../run/outcome.ts";
import type { FileRecord } from "../run/records.ts";
import { executionReports, fileReports, type Report, type StoredObject } from "../run/report.ts";
import { summariesWith } from "../run/summaries.ts";
import type { Deployment } from "./deployment.ts";
import { expectedName, type UploadedObject } from "./executions.ts";

/** What `npm run drop -- --json` prints: that of `npm start`, as far as it is known from outside of a cloud. */
export type DropReport = Pick<Report, "stack" | "mode" | "files" | "executions" | "objects" | "wallSeconds">;

export function dropReport(
  ledger: Ledger,
  { stack, mode }: Deployment,
  objects: readonly StoredObject[],
  wallSeconds: number,
): DropReport {
  return {
    stack,
    mode,
    files: fileReports(ledger),
    executions: executionReports(ledger),
    objects,
    wallSeconds,
  };
}

/** What `npm run drop -- --detach --json` prints: nothing has come of the files yet. */
export interface DetachedReport {
  readonly stack: string;
  readonly mode: string;
  readonly files: readonly {
    readonly bucket: string;
    readonly key: string;
    readonly versionId?: string;
    /** Of the execution that will be started for it; not where files wait in a queue. */
    readonly executionName?: string;
    /** Only where it is known already. */
    readonly outcome?: "failed" | "ignored";
    readonly reason?: string;
  }[];
  readonly wallSeconds: number;
}

export function detachedReport(
  ledger: Ledger,
  uploaded: ReadonlyMap<FileRecord, UploadedObject>,
  { stack, mode, outputs }: Deployment,
  wallSeconds: number,
): DetachedReport {
  // Where files wait in a queue, which execution takes one is not known yet.
  const isQueued = outputs.arrivalQueueUrl !== undefined;
  const files = ledger.files.map((file, index) => {
    const { bucket, key } = file.upload;
    const object = uploaded.get(file);
    if (object === undefined) return { bucket, key, ...troubleOf(fileReports(ledger)[index]) };
    const executionName = isQueued ? undefined : expectedName(object);
    return { ...object, ...(executionName === undefined ? {} : { executionName }) };
  });
  return { stack, mode, files, wallSeconds };
}

function troubleOf(file: Report["files"][number] | undefined): { outcome?: "failed" | "ignored"; reason?: string } {
  const reason = file?.reason === undefined ? {} : { reason: file.reason };
  return { outcome: file?.outcome === "ignored" ? "ignored" : "failed", ...reason };
}

/** The final table. */
export function followedLines(
  ledger: Ledger,
  objects: readonly StoredObject[],
  summaries: ReadonlyMap<string, string>,
  columns: number,
  paint: Paint,
): readonly string[] {
  const executionOf = (key: string): string => /\/execution=([^/]+)\//.exec(key)?.[1] ?? "";
  const files = summariesWith(ledger, objects, {
    nameOf: ({ path }) => path,
    contentOf: ({ key }) => summaries.get(executionOf(key)),
  });
  return summaryLines(files, columns, paint);
}

/** What was uploaded, and how to see what becomes of it. */
export function detachedLines(
  ledger: Ledger,
  uploaded: ReadonlyMap<FileRecord, UploadedObject>,
  stack: string,
): readonly string[] {
  const troubled = fileReports(ledger).flatMap(({ outcome, reason }, index) => {
    const file = ledger.files[index];
    if (file === undefined || uploaded.has(file)) return [];
    return [`${printable(file.upload.file)} ${outcome}: ${printable(reason ?? "no reason is known")}`];
  });
  return [
    ...troubled,
    `${plural(uploaded.size, "file")} uploaded. What becomes of ${uploaded.size === 1 ? "it" : "them"}: npm run status -- --stack ${stack}`,
  ];
}

/** Says that executions go on, if following was stopped before their end. */
export function stoppedLine(ledger: Ledger, stack: string, isInterrupted: boolean): string | undefined {
  const running = ledger.executions.filter(({ status }) => status === "RUNNING").length;
  const waiting = ledger.files.filter((file) => file.execution === undefined && verdictOn(file).outcome === "running");
  if (running + waiting.length === 0 && !isInterrupted) return undefined;
  const verb = (number: number): string => `go${number === 1 ? "es" : ""} on`;
  const goesOn =
    running > 0
      ? `${plural(running, "execution")} ${verb(running)}`
      : waiting.length > 0
        ? `${plural(waiting.length, "file")} ${verb(waiting.length)}`
        : "Executions go on";
  return `Stopped following. ${goesOn}: npm run status -- --stack ${stack}`;
}
