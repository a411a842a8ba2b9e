import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { FileSummary } from "../render/summary.ts";
import { textAt } from "./json.ts";
import type { Ledger } from "./ledger.ts";
import { verdictOn } from "./outcome.ts";
import { beginOf, nameOfStart, type ExecutionRecord, type FileRecord, type Subject } from "./records.ts";
import type { StoredObject } from "./report.ts";
import { rowsOf, type ObjectPlaces } from "./row-counts.ts";
import { stageSummaries } from "./stage-summaries.ts";

/** What the final table says of each file and execution, the objects being on disk. */
export function summariesOf(ledger: Ledger, objects: readonly StoredObject[], cwd: string): readonly FileSummary[] {
  return summariesWith(ledger, objects, onDisk(cwd));
}

/** Where objects are named relative to a person's folder. */
const onDisk = (cwd: string): ObjectPlaces => ({
  nameOf: ({ path }) => relative(cwd, path),
  contentOf: ({ path }) => readFileSync(path, "utf8"),
});

/** What the final table says of each file and execution. */
export function summariesWith(
  ledger: Ledger,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): readonly FileSummary[] {
  return ledger.subjects.map((subject) => {
    const { execution } = subject;
    if (execution === undefined && "upload" in subject && subject.entry !== undefined) {
      return { ...nameOf(subject, objects, places), ...verdictOn(subject), ...inBatch(subject, objects, places) };
    }
    const begin = beginOf(subject);
    const own = execution === undefined ? [] : objects.filter(({ key }) => key.includes(execution.name));
    const stages = stageSummaries(execution, objects, places);
    const told = stages.findLast((stage) => stage.output !== undefined || stage.rowsWritten !== undefined);
    const { rowsWritten, rowsRejected, output } = told ?? {
      ...rowsOf(own, places),
      output: outputIn(execution, own, places),
    };
    return {
      ...(stages.length > 0 && { stages }),
      ...nameOf(subject, objects, places),
      ...verdictOn(subject),
      ...(execution?.branch !== undefined && { branch: execution.branch }),
      attempts: execution?.jobRuns.size ?? 0,
      ...(execution?.stopDate === undefined || begin === undefined ? {} : { took: execution.stopDate - begin }),
      ...(rowsWritten !== undefined && { rowsWritten }),
      ...(rowsRejected !== undefined && { rowsRejected }),
      ...(output !== undefined && { output }),
    };
  });
}

/** What the ledger tells of a file that had no execution of its own. */
function inBatch(
  { entry, uploadedAt }: FileRecord,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): Pick<FileSummary, "attempts" | "took" | "rowsWritten" | "rowsRejected" | "output"> {
  const { attempts = 0, endedAt, rowsWritten, rowsRejected, output: place } = entry ?? {};
  const output = place && objects.find(({ bucket, key }) => bucket === place.bucket && key.startsWith(place.prefix));
  return {
    attempts,
    ...(endedAt !== undefined && uploadedAt !== undefined && { took: endedAt - uploadedAt }),
    ...(rowsWritten !== undefined && { rowsWritten }),
    ...(rowsRejected !== undefined && { rowsRejected }),
    ...(output && { output: places.nameOf(output) }),
  };
}

function nameOf(
  subject: Subject,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): Pick<FileSummary, "file" | "kept"> {
  if (!("upload" in subject)) return { file: nameOfStart(subject) };
  const { upload } = subject;
  const kept = objects.find(({ bucket, key }) => bucket === upload.bucket && key === upload.key);
  return {
    file: upload.file,
    kept: kept === undefined ? `s3://${upload.bucket}/${upload.key}` : places.nameOf(kept),
  };
}

/** The first object under the place that the execution names as its output. */
function outputIn(
  execution: ExecutionRecord | undefined,
  own: readonly StoredObject[],
  places: ObjectPlaces,
): string | undefined {
  const prefix = textAt(execution?.output, "output", "prefix");
  const output = prefix === undefined ? undefined : own.find(({ key }) => key.startsWith(prefix));
  return output === undefined ? undefined : places.nameOf(output);
}
