import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { FileSummary } from "../render/summary.ts";
import { at, parsed, textAt } from "./json.ts";
import type { FileRecord, Ledger } from "./ledger.ts";
import { verdictOn } from "./outcome.ts";
import type { StoredObject } from "./report.ts";

/** How objects are found and read, where they are. */
export interface ObjectPlaces {
  /** As a person would write it. */
  readonly nameOf: (object: StoredObject) => string;
  /** A small object's content, if it can be had. */
  readonly contentOf: (object: StoredObject) => string | undefined;
}

/** What the final table says of each file, the objects being on disk. */
export function summariesOf(ledger: Ledger, objects: readonly StoredObject[], cwd: string): readonly FileSummary[] {
  return summariesWith(ledger, objects, {
    nameOf: ({ path }) => relative(cwd, path),
    contentOf: ({ path }) => readFileSync(path, "utf8"),
  });
}

/** What the final table says of each file. */
export function summariesWith(
  ledger: Ledger,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): readonly FileSummary[] {
  return ledger.files.map((file) => {
    const { upload, execution, uploadedAt } = file;
    const own = execution === undefined ? [] : objects.filter(({ key }) => key.includes(execution.name));
    const output = outputOf(file, own);
    const kept = objects.find(({ bucket, key }) => bucket === upload.bucket && key === upload.key);
    return {
      file: upload.file,
      ...verdictOn(file),
      attempts: execution?.jobRuns.size ?? 0,
      ...(execution?.stopDate === undefined || uploadedAt === undefined
        ? {}
        : { took: execution.stopDate - uploadedAt }),
      ...rowsOf(own, places),
      ...(output === undefined ? {} : { output: places.nameOf(output) }),
      kept: kept === undefined ? `s3://${upload.bucket}/${upload.key}` : places.nameOf(kept),
    };
  });
}

/** The first object under the place that the execution names as its output. */
function outputOf({ execution }: FileRecord, own: readonly StoredObject[]): StoredObject | undefined {
  const prefix = textAt(execution?.output, "output", "prefix");
  return prefix === undefined ? undefined : own.find(({ key }) => key.startsWith(prefix));
}

/** Row counts, from the summary that the job wrote beside its output. */
function rowsOf(own: readonly StoredObject[], places: ObjectPlaces): RowCounts {
  const summary = own.find(({ key }) => key.endsWith("/summary.json"));
  return summary === undefined ? {} : rowCounts(places.contentOf(summary));
}

export type RowCounts = Pick<FileSummary, "rowsWritten" | "rowsRejected">;

/** The counts in a job's summary. */
export function rowCounts(summary: string | undefined): RowCounts {
  const content = parsed(summary);
  const rowsWritten = at(content, "rowsWritten");
  const rowsRejected = at(content, "rowsRejected");
  return {
    ...(typeof rowsWritten === "number" ? { rowsWritten } : {}),
    ...(typeof rowsRejected === "number" ? { rowsRejected } : {}),
  };
}
