import { createS3 } from "../../../functions/clients/s3.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { writeParquet } from "../../../functions/lib/parquet/write-parquet.ts";
import { replaceFolder } from "../../../functions/lib/s3-folder.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { readLanded } from "./lib/landed-rows.ts";
import {
  argument,
  keepRejected,
  keepSummary,
  outputOf,
  parquetFile,
  parquetType,
  type Counts,
  type StageDependencies,
} from "./lib/stage-run.ts";
import { rawColumns } from "./lib/tables.ts";

/** Does in the simulation what `scripts/ingest_orders.py` does in Glue: a landed file becomes a partition of raw rows. */
export function createHandler({ s3, log }: StageDependencies): (event: StandInEvent) => Promise<Counts> {
  return async (event) => {
    const key = argument(event, "--key");
    const versionId = argument(event, "--version_id");
    const { Body } = await s3.getObject({
      Bucket: argument(event, "--bucket"),
      Key: key,
      ...(versionId !== "null" && { VersionId: versionId }),
    });
    const { rows, rejected } = await readLanded(key, Body);
    await replaceFolder(s3, outputOf(event), {
      name: parquetFile,
      body: await writeParquet(rawColumns, rows),
      contentType: parquetType,
    });
    await keepRejected(s3, event, rejected.count > 0 ? rejected.toBytes() : undefined);
    const summary = {
      rowsIn: rows.length + rejected.count,
      rowsWritten: rows.length,
      rowsRejected: rejected.count,
    };
    await keepSummary(s3, event, summary);
    log({ message: "ingested", JobRunId: event.JobRunId, ...summary });
    return summary;
  };
}

export const handler = createHandler({ s3: createS3(), log: systemLog });
