import { ServiceError } from "../services/service.ts";
import { isObject } from "./jsonata/values.ts";
import { StatesError } from "./machine.ts";
import type { MapRun, MapRuns, ResultRecord } from "./map-runs.ts";
import type { WriterPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import type { Visit } from "./visit.ts";

/** What came of a Map's executions. */
export interface MapResults {
  /** In the order of the items. */
  readonly succeeded: readonly { readonly output: unknown; readonly record: ResultRecord }[];
  readonly failed: readonly ResultRecord[];
  readonly pending: readonly ResultRecord[];
}

/** Where results go: bucket and prefix. Evaluated before anything runs, as a wrong one would be noticed too late. */
export async function destinationOf(visit: Visit, writer: WriterPlan | undefined): Promise<Destination | undefined> {
  if (writer?.arguments === undefined) return undefined;
  const args = await visit.value(writer.arguments, visit.env());
  const { Bucket, Prefix = "" } = isObject(args) ? args : {};
  if (typeof Bucket === "string" && typeof Prefix === "string") return { Bucket, Prefix };
  throw failed(`the Arguments of a ResultWriter must have Bucket and may have Prefix, both text, got ${shown(args)}`);
}

interface Destination {
  readonly Bucket: string;
  readonly Prefix: string;
}

/** The results as the state has them, without files. */
export function shaped(results: MapResults, transformation: WriterPlan["transformation"]): readonly unknown[] {
  switch (transformation) {
    case "NONE":
      return results.succeeded.map(({ record }) => record);
    case "COMPACT":
      return results.succeeded.map(({ output }) => output);
    case "FLATTEN":
      return results.succeeded.flatMap(({ output }) => output as readonly unknown[]);
  }
}

/** Writes a file for each way in which executions ended, and a manifest of the files. Throws States.ResultWriterFailed. */
export async function writeResults(
  runs: MapRuns,
  run: MapRun,
  writer: WriterPlan,
  { Bucket, Prefix }: Destination,
  results: MapResults,
): Promise<unknown> {
  const id = run.arn.slice(run.arn.lastIndexOf(":") + 1);
  const folder = `${Prefix === "" || Prefix.endsWith("/") ? Prefix : `${Prefix}/`}${id}/`;
  const put = async (name: string, records: readonly unknown[]): Promise<readonly object[]> => {
    if (records.length === 0) return [];
    const Body = Buffer.from(
      writer.outputType === "JSON"
        ? JSON.stringify(records)
        : records.map((record) => JSON.stringify(record)).join("\n"),
    );
    const Key = `${folder}${name}_0.${writer.outputType.toLowerCase()}`;
    await runs.s3("putObject", { Bucket, Key, Body });
    return [{ Key, Size: Body.byteLength }];
  };
  try {
    const ResultFiles = {
      FAILED: await put("FAILED", results.failed),
      PENDING: await put("PENDING", results.pending),
      SUCCEEDED: await put("SUCCEEDED", shaped(results, writer.transformation)),
    };
    const Key = `${folder}manifest.json`;
    const manifest = { DestinationBucket: Bucket, MapRunArn: run.arn, ResultFiles };
    await runs.s3("putObject", { Bucket, Key, Body: Buffer.from(JSON.stringify(manifest)) });
    return { MapRunArn: run.arn, ResultWriterDetails: { Bucket, Key } };
  } catch (error) {
    if (error instanceof ServiceError) throw failed(`${error.message} (${error.name})`);
    throw error;
  }
}

const failed = (cause: string): StatesError => new StatesError("States.ResultWriterFailed", cause);
