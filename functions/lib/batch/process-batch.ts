import type { S3 } from "../aws.ts";
import type { FileOutcome } from "../queued/manifest.ts";
import type { RunOutput } from "../run-output.ts";
import { mapBounded } from "./bounded.ts";
import { failureOf, type FileFailure } from "./file-failure.ts";
import { readManifest, type BatchFile } from "./read-manifest.ts";

/** What one file came to. */
export interface Counts {
  readonly rowsIn: number;
  readonly rowsWritten: number;
  readonly rowsRejected: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What a batch came to: its files that succeeded, summed. */
export interface BatchSummary extends Counts {
  readonly filesIn: number;
  readonly filesSucceeded: number;
  readonly filesFailed: number;
}

/** Every file failed, and none of them is to blame: the run is worth another. */
class BatchFailedError extends Error {
  override readonly name = "BatchFailedError";
}

/** Files that are read at once, and their bytes: what is in memory grows with these, not with the batch. */
const bounds = { count: 16, weight: 32 * 1_048_576 };

/**
 * Processes each file of a manifest. A file that fails fails alone, with its error in `files.jsonl`; its output goes to a
 * folder of its own name.
 *
 * @param processFile reads the file and writes its output, as `<folder><name>`
 * @throws BatchFailedError where all files failed and none of them is to blame; whatever is wrong with the manifest
 */
export async function processBatch(
  { s3, output }: { readonly s3: Pick<S3, "getObject">; readonly output: RunOutput },
  manifest: string,
  processFile: (file: BatchFile, folder: string) => Promise<Counts>,
): Promise<BatchSummary> {
  const files = await readManifest(s3, manifest);
  // What an earlier run of the execution said of its files is no longer true once this one replaces their output.
  await output.deleteOthers("summary");
  const attempt = async (file: BatchFile): Promise<Result> => {
    try {
      return { file, counts: await processFile(file, folderOf(file)) };
    } catch (error) {
      output.forget(folderOf(file));
      return { file, failure: failureOf(error) };
    }
  };
  const results = await mapBounded(files, ({ size }) => size, bounds, attempt);
  requireOneToBlame(results);
  const lines = results.map((result) => `${JSON.stringify(outcomeOf(result, output))}\n`);
  await output.put("summary", "files.jsonl", Buffer.from(lines.join("")), "application/x-ndjson");
  return summed(results);
}

const folderOf = ({ name }: BatchFile): string => `file=${name}/`;

type Result = { readonly file: BatchFile } & ({ readonly counts: Counts } | { readonly failure: FileFailure });

function requireOneToBlame(results: readonly Result[]): void {
  const [first] = results;
  if (first === undefined || !("failure" in first)) return;
  if (results.some((result) => "counts" in result || result.failure.isItsFault)) return;
  const { bucket, key } = first.file;
  const { error, cause } = first.failure;
  const all = results.length === 1 ? "the file" : `all ${results.length} files`;
  throw new BatchFailedError(`${all} failed, which is not the fault of any; s3://${bucket}/${key}: ${error}: ${cause}`);
}

function outcomeOf(result: Result, output: RunOutput): FileOutcome {
  const { name } = result.file;
  if ("failure" in result) {
    const { error, cause } = result.failure;
    return { name, outcome: "failed", error, cause };
  }
  const { rowsIn, rowsWritten, rowsRejected } = result.counts;
  return {
    name,
    outcome: "succeeded",
    output: { bucket: output.bucket, prefix: `${output.prefix("processed")}${folderOf(result.file)}` },
    rowsIn,
    rowsWritten,
    rowsRejected,
  };
}

function summed(results: readonly Result[]): BatchSummary {
  const counts = results.flatMap((result) => ("counts" in result ? [result.counts] : []));
  const sum = (of: (each: Counts) => number): number => counts.reduce((total, each) => total + of(each), 0);
  return {
    rowsIn: sum(({ rowsIn }) => rowsIn),
    rowsWritten: sum(({ rowsWritten }) => rowsWritten),
    rowsRejected: sum(({ rowsRejected }) => rowsRejected),
    bytesIn: sum(({ bytesIn }) => bytesIn),
    bytesOut: sum(({ bytesOut }) => bytesOut),
    filesIn: results.length,
    filesSucceeded: counts.length,
    filesFailed: results.length - counts.length,
  };
}
