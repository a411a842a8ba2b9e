import type { JobRun } from "@aws-sdk/client-glue";
import { sizeText } from "../../components/cost-table.ts";
import { costOfJobRun } from "../../local/cost.ts";
import type { StageSummary } from "../render/summary.ts";
import { groupedBy } from "./grouped.ts";
import type { Ledger } from "./ledger.ts";
import { runsOf, type ExecutionRecord } from "./records.ts";
import type { StoredObject } from "./report.ts";
import { outputOf, runsByStage } from "./stages.ts";
import { rowsOf, type ObjectPlaces } from "./row-counts.ts";

/** What came of each stage's runs, in the order of the stages; nothing where a pipeline has one job. */
export function stageSummaries(
  execution: ExecutionRecord | undefined,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): readonly StageSummary[] {
  if (execution === undefined) return [];
  return [...runsByStage(execution)]
    .filter(([stage]) => stage !== "")
    .map(([stage, runs]) => ({
      ...summaryOf(stage, runs),
      ...writtenBy(runs.at(-1), execution.name, objects, places),
    }));
}

/** Job runs of executions that nobody follows, such as those that keep reading a stream, by job. */
export function backgroundSummaries({ background, others }: Ledger): readonly StageSummary[] {
  const runs = [...background.flatMap(runsOf), ...others.jobRuns].filter(({ JobName }) => JobName !== undefined);
  const jobs = groupedBy(runs, ({ JobName = "" }) => JobName);
  return [...jobs].map(([job, each]) => summaryOf(job, each));
}

function summaryOf(stage: string, runs: readonly JobRun[]): StageSummary {
  return {
    stage,
    state: runs.at(-1)?.JobRunState ?? "",
    attempts: runs.length,
    size: sizeOf(runs.at(-1)),
    ...costIn(runs),
    ran: runs.reduce((sum, { ExecutionTime = 0 }) => sum + ExecutionTime * 1000, 0),
  };
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

type Written = Pick<StageSummary, "rowsWritten" | "rowsRejected" | "output">;

/**
 * What a run has written. One that failed has left what an earlier one may have written. Nothing tells which objects of a
 * table that executions share are whose: its output is the table, if by its own summary it has written anything.
 */
function writtenBy(
  run: JobRun | undefined,
  executionName: string,
  objects: readonly StoredObject[],
  places: ObjectPlaces,
): Written {
  const place = run?.JobRunState === "SUCCEEDED" ? outputOf(run) : undefined;
  if (place === undefined) return {};
  const there = objects.filter(({ bucket, key }) => bucket === place.bucket && key.startsWith(place.prefix));
  const isShared = !place.prefix.includes("execution=");
  const own = isShared ? there.filter(({ key }) => key.includes(executionName)) : there;
  const rows = rowsOf(own, places);
  const output = own.find(isOutput);
  if (output !== undefined) return { ...rows, output: places.nameOf(output) };
  const table = isShared && rows.rowsWritten !== 0 ? there.find(isOutput) : undefined;
  return table === undefined ? rows : { ...rows, output: folderOf(table, place.prefix, places) };
}

/** What is hidden from readers is no output. */
const isOutput = ({ key }: StoredObject): boolean => !key.endsWith("/summary.json") && !key.includes("/_");

function folderOf(object: StoredObject, prefix: string, places: ObjectPlaces): string {
  const rest = object.key.slice(prefix.length);
  const name = places.nameOf(object);
  // A key that is no path is kept under another name.
  return name.endsWith(rest) ? name.slice(0, name.length - rest.length) : name;
}
