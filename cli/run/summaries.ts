import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { JobRun } from "@aws-sdk/client-glue";
import { sizeText } from "../../components/cost-table.ts";
import { costOfJobRun } from "../../local/cost.ts";
import type { FileSummary, StageSummary } from "../render/summary.ts";
import { at, parsed, textAt } from "./json.ts";
import type { Ledger } from "./ledger.ts";
import { verdictOn } from "./outcome.ts";
import { beginOf, type ExecutionRecord, type Subject } from "./records.ts";
import type { StoredObject } from "./report.ts";
import { outputOf, runsByStage } from "./stages.ts";

/** How objects are found and read, where they are. */
export interface ObjectPlaces {
  /** As a person would write it. */
  readonly nameOf: (object: StoredObject) => string;
  /** A small object's content, if it can be had. */
  readonly contentOf: (object: StoredObject) => string | undefined;
}

/** What the final table says of each file and execution, the objects being on disk. */
export function summariesOf(ledger: Ledger, objects: readonly StoredObject[], cwd: string): readonly FileSummary[] {
  return summariesWith(ledger, objects, {
    nameOf: ({ path }) => relative(cwd, path),
    contentOf: ({ path }) => readFileSync(path, "utf8"),
  });
}

/** What the final table says of each file and execution. */
export function summariesWith(
  ledger: Ledger,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): readonly FileSummary[] {
  return ledger.subjects.map((subject) => {
    const { execution } = subject;
    const begin = beginOf(subject);
    const own = execution === undefined ? [] : objects.filter(({ key }) => key.includes(execution.name));
    const stages = stagesOf(execution, objects, places);
    const { rowsWritten, rowsRejected, output } = stages.findLast((stage) => stage.output !== undefined) ?? {
      ...rowsOf(own, places),
      output: outputIn(execution, own, places),
    };
    return {
      ...(stages.length > 0 && { stages }),
      ...nameOf(subject, objects, places),
      ...verdictOn(subject),
      attempts: execution?.jobRuns.size ?? 0,
      ...(execution?.stopDate === undefined || begin === undefined ? {} : { took: execution.stopDate - begin }),
      ...(rowsWritten !== undefined && { rowsWritten }),
      ...(rowsRejected !== undefined && { rowsRejected }),
      ...(output !== undefined && { output }),
    };
  });
}

function nameOf(
  subject: Subject,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): Pick<FileSummary, "file" | "kept"> {
  if (!("upload" in subject)) return { file: subject.start.name };
  const { upload } = subject;
  const kept = objects.find(({ bucket, key }) => bucket === upload.bucket && key === upload.key);
  return {
    file: upload.file,
    kept: kept === undefined ? `s3://${upload.bucket}/${upload.key}` : places.nameOf(kept),
  };
}

/** What came of each stage's runs, in the order of the stages; nothing where a pipeline has one job. */
function stagesOf(
  execution: ExecutionRecord | undefined,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): readonly StageSummary[] {
  if (execution === undefined) return [];
  return [...runsByStage(execution)]
    .filter(([stage]) => stage !== "")
    .map(([stage, runs]) => {
      const written = objectsOf(runs.at(-1), objects);
      // What is hidden from readers is no output.
      const output = written.find(({ key }) => !key.endsWith("/summary.json") && !key.includes("/_"));
      // A place that executions share has a summary of each.
      const own = written.filter(({ key }) => key.includes(execution.name));
      return {
        stage,
        state: runs.at(-1)?.JobRunState ?? "",
        attempts: runs.length,
        size: sizeOf(runs.at(-1)),
        ...costIn(runs),
        ran: runs.reduce((sum, { ExecutionTime = 0 }) => sum + ExecutionTime * 1000, 0),
        ...rowsOf(own.length > 0 ? own : written, places),
        ...(output !== undefined && { output: places.nameOf(output) }),
      };
    });
}

/** A run is only known from its first look on. */
const sizeOf = (run: JobRun | undefined): string =>
  run === undefined
    ? ""
    : sizeText({
        workerType: run.WorkerType,
        numberOfWorkers: run.NumberOfWorkers,
        executionClass: run.ExecutionClass,
      });

function costIn(runs: readonly JobRun[]): { readonly cost?: number } {
  const costs = runs.map(costOfJobRun).filter((cost) => cost !== undefined);
  return costs.length < runs.length ? {} : { cost: costs.reduce((sum, cost) => sum + cost, 0) };
}

/** What lies where a run writes. A run that failed has left what an earlier one may have written. */
function objectsOf(run: JobRun | undefined, objects: readonly StoredObject[]): readonly StoredObject[] {
  const place = run?.JobRunState === "SUCCEEDED" ? outputOf(run) : undefined;
  if (place === undefined) return [];
  return objects.filter(({ bucket, key }) => bucket === place.bucket && key.startsWith(place.prefix));
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
