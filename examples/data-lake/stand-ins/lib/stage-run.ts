import type { Dependencies, S3 } from "../../../../functions/lib/aws.ts";
import type { Folder } from "../../../../functions/lib/bookmark.ts";
import type { StandInEvent } from "../../../../functions/lib/glue.ts";
import { folderOf, within } from "../../../../functions/lib/s3-folder.ts";

/** What a stand-in of a stage is built from. */
export type StageDependencies = Pick<Dependencies, "s3" | "log">;

/** How many rows went where. */
export interface Counts {
  readonly rowsIn: number;
  readonly rowsWritten: number;
  readonly rowsRejected: number;
}

export const parquetFile = "part-00000.parquet";
export const parquetType = "application/vnd.apache.parquet";

/** An argument that the run must have. */
export function argument({ Arguments }: StandInEvent, name: string): string {
  const value = Arguments[name];
  if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
  return value;
}

/** The stage's own folder. */
export function outputOf(event: StandInEvent): Folder {
  return folderOf(event.Arguments["--output"], "argument --output");
}

/** What the stage before has written, by all executions. */
export function tableRead(event: StandInEvent): Folder {
  const { Bucket, Prefix } = folderOf(event.Arguments["--input"], "argument --input");
  return { Bucket, Prefix: Prefix.replace(/execution=[^/]+\/$/, "") };
}

/**
 * Where a run puts what is no part of its table: names that begin with "_" are hidden from all that reads the table. The
 * folder of the execution is there already, or is added.
 */
function aside(event: StandInEvent, what: string): Folder {
  const output = outputOf(event);
  const isOwn = /execution=[^/]+\/$/.test(output.Prefix);
  return within(output, isOwn ? `_${what}/` : `_${what}/execution=${argument(event, "--execution_name")}/`);
}

/** Writes the rejected rows, or takes those away that an earlier attempt has left. */
export async function keepRejected(s3: S3, event: StandInEvent, csv: Uint8Array | undefined): Promise<void> {
  const { Bucket, Prefix } = aside(event, "rejected");
  const Key = `${Prefix}rejected.csv`;
  if (csv === undefined) await s3.deleteObject({ Bucket, Key });
  else await s3.putObject({ Bucket, Key, Body: csv, ContentType: "text/csv; charset=utf-8" });
}

export async function keepSummary(s3: S3, event: StandInEvent, summary: Counts): Promise<void> {
  const { Bucket, Prefix } = aside(event, "summary");
  const Body = Buffer.from(JSON.stringify(summary));
  await s3.putObject({ Bucket, Key: `${Prefix}summary.json`, Body, ContentType: "application/json" });
}
