import { createS3 } from "../clients/s3.ts";
import type { Dependencies, InvocationContext, S3 } from "../lib/aws.ts";
import { processBatch, type BatchSummary, type Counts } from "../lib/batch/process-batch.ts";
import { parseColumnTypes, type ColumnTypes } from "../lib/csv/columns.ts";
import { convertCsv } from "../lib/csv/convert-csv.ts";
import { manifestArgument } from "../lib/run-arguments.ts";
import { RunOutput } from "../lib/run-output.ts";
import { systemLog } from "../lib/system-log.ts";

/** What a stand-in is given: the job run it does the work of. */
export interface JobRunEvent {
  readonly JobName: string;
  readonly JobRunId: string;
  /** The job's default arguments with the run's own over them. */
  readonly Arguments: Readonly<Record<string, string>>;
}

/** What the run did, as it also stands in summary.json. */
export type Summary = Counts | BatchSummary;

/**
 * Does in the simulation what `scripts/process_csv.py` does in Glue: a CSV object becomes Parquet, rejected rows
 * and a summary, in places that the execution's name decides, so that running again overwrites. With `--manifest` it does
 * so for every file of that manifest.
 */
export function createHandler({
  s3,
  log,
}: Pick<Dependencies, "s3" | "log">): (event: JobRunEvent, context: InvocationContext) => Promise<Summary> {
  return async (event) => {
    const args = event.Arguments;
    const types = parseColumnTypes(args["--column_types"]);
    const output = new RunOutput(required(args, "--output_bucket"), required(args, "--execution_name"), s3);
    const manifest = args[manifestArgument];
    const summary =
      manifest === undefined
        ? await processFile({ s3, output, types }, inputOf(args))
        : await processBatch({ s3, output }, manifest, ({ bucket, key, versionId }, folder) =>
            processFile({ s3, output, types, longestRecord }, locationOf(bucket, key, versionId), folder),
          );
    await output.put("summary", "summary.json", Buffer.from(JSON.stringify(summary)), "application/json");
    await output.deleteOthers();
    log({ message: "processed", JobName: event.JobName, JobRunId: event.JobRunId, ...summary });
    return summary;
  };
}

interface Work {
  readonly s3: S3;
  readonly output: RunOutput;
  readonly types: ColumnTypes;
  /** Bytes. @default any */
  readonly longestRecord?: number;
}

/** One file must not take the memory of the others: a quote that is never closed makes a record of all that follows. */
const longestRecord = 32 * 1_048_576;

type Location = Parameters<S3["getObject"]>[0];

async function processFile(work: Work, location: Location, folder = ""): Promise<Counts> {
  const { s3, output, types } = work;
  const input = await s3.getObject(location);
  const { parquet, rejected, ...counts } = await convertCsv(input.Body, types, work.longestRecord);
  await output.put("processed", `${folder}part-00000.parquet`, parquet, "application/vnd.apache.parquet");
  if (rejected !== undefined) {
    await output.put("rejected", `${folder}rejected.csv`, rejected, "text/csv; charset=utf-8");
  }
  return {
    rowsIn: counts.rowsIn,
    rowsWritten: counts.rowsWritten,
    rowsRejected: counts.rowsRejected,
    bytesIn: counts.bytesIn,
    bytesOut: parquet.length,
  };
}

const inputOf = (args: JobRunEvent["Arguments"]): Location =>
  locationOf(required(args, "--bucket"), required(args, "--key"), args["--version_id"] ?? "null");

const locationOf = (Bucket: string, Key: string, versionId: string): Location => ({
  Bucket,
  Key,
  ...(versionId !== "null" && { VersionId: versionId }),
});

function required(args: JobRunEvent["Arguments"], name: string): string {
  const value = args[name];
  if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
  return value;
}

export const handler = createHandler({
  s3: createS3(),
  log: systemLog,
});
