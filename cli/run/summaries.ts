import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { FileSummary } from "../render/summary.ts";
import { at, parsed, textAt } from "./json.ts";
import type { FileRecord, Ledger } from "./ledger.ts";
import { verdictOn } from "./outcome.ts";
import type { StoredObject } from "./report.ts";

/** What the final table says of each file. */
export function summariesOf(ledger: Ledger, objects: readonly StoredObject[], cwd: string): readonly FileSummary[] {
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
      ...rowsOf(own),
      ...(output === undefined ? {} : { output: relative(cwd, output.path) }),
      kept: kept === undefined ? `s3://${upload.bucket}/${upload.key}` : relative(cwd, kept.path),
    };
  });
}

/** The first object under the place that the execution names as its output. */
function outputOf({ execution }: FileRecord, own: readonly StoredObject[]): StoredObject | undefined {
  const prefix = textAt(execution?.output, "output", "prefix");
  return prefix === undefined ? undefined : own.find(({ key }) => key.startsWith(prefix));
}

/** Row counts, from the summary that the job wrote beside its output. */
function rowsOf(own: readonly StoredObject[]): Pick<FileSummary, "rowsWritten" | "rowsRejected"> {
  const summary = own.find(({ key }) => key.endsWith("/summary.json"));
  if (summary === undefined) return {};
  const content = parsed(readFileSync(summary.path, "utf8"));
  const rowsWritten = at(content, "rowsWritten");
  const rowsRejected = at(content, "rowsRejected");
  return {
    ...(typeof rowsWritten === "number" ? { rowsWritten } : {}),
    ...(typeof rowsRejected === "number" ? { rowsRejected } : {}),
  };
}
