import { createKinesis } from "../../../functions/clients/kinesis.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { ParquetTable } from "../../../functions/lib/csv/parquet-table.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { runMicroBatches } from "../../../functions/lib/streaming/micro-batches.ts";
import type { StreamWork } from "../../../functions/lib/streaming-runs.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import type { EnrichedEvent } from "../lib/events.ts";
import { batchName, placeFrom, writeLines } from "../lib/place.ts";
import { count, noWindows, type OpenWindow, type Windowing } from "../lib/windows.ts";

type AggregateDependencies = Pick<Dependencies, "s3" | "kinesis" | "log">;

/**
 * Does in the simulation what `scripts/aggregate.py` does in Glue: counts events by category in windows of their own
 * time. A window's file is written anew with each batch that changes it, and for the last time when it is closed. Events
 * of windows that are closed are set aside.
 */
export const createHandler =
  (deps: AggregateDependencies): ((event: StandInEvent) => Promise<StreamWork>) =>
  async ({ Arguments: args }) => {
    const output = placeFrom(args, "--output");
    const late = placeFrom(args, "--late");
    const windowing: Windowing = {
      windowMs: Number(args["--window_seconds"] ?? 60) * 1000,
      latenessMs: Number(args["--allowed_lateness_seconds"] ?? 300) * 1000,
    };
    return runMicroBatches(deps, {
      args,
      initial: noWindows,
      maxRecordsPerShard: Number(args["--max_records_per_shard"] ?? 5000),
      process: async ({ number, records, state }) => {
        const events = records.map(({ text }) => JSON.parse(text) as EnrichedEvent);
        const counted = count(state, events, windowing);
        for (const [start, { totals, isFinal }] of counted.changed) {
          await deps.s3.putObject({
            Bucket: output.Bucket,
            Key: `${output.prefix}start=${nameOf(start)}/part-00000.parquet`,
            Body: await parquetOf(start, totals, isFinal, windowing),
            ContentType: "application/vnd.apache.parquet",
          });
        }
        const asides = counted.late.map((event) => ({ watermark: new Date(state.watermark).toISOString(), event }));
        await writeLines(deps.s3, late, `${batchName(number)}.jsonl`, asides);
        deps.log({
          level: "INFO",
          message: "aggregated",
          events: events.length,
          late: asides.length,
          duplicates: counted.duplicates,
          windows: counted.changed.size,
          shown: {
            label: "aggregate",
            text:
              `batch ${number}: ${events.length} events, ${counted.duplicates} doubled, ${asides.length} late, ` +
              `${counted.changed.size} windows`,
          },
        });
        return counted.state;
      },
    });
  };

/** `2026-01-05T09-00-00Z`: nothing in it means anything to a path. */
const nameOf = (start: number): string =>
  new Date(start)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");

const parquetOf = (
  start: number,
  totals: OpenWindow["totals"],
  isFinal: boolean,
  { windowMs }: Windowing,
): Promise<Uint8Array> => {
  const table = new ParquetTable([
    { name: "window_start", type: "timestamp" },
    { name: "window_end", type: "timestamp" },
    { name: "category", type: "string" },
    { name: "views", type: "bigint" },
    { name: "carts", type: "bigint" },
    { name: "purchases", type: "bigint" },
    { name: "revenue", type: "bigint" },
    { name: "is_final", type: "boolean" },
  ]);
  for (const [category, { views, carts, purchases, revenue }] of Object.entries(totals).toSorted()) {
    const counts = [views, carts, purchases, revenue].map(BigInt);
    table.add([BigInt(start) * 1000n, BigInt(start + windowMs) * 1000n, category, ...counts, isFinal]);
  }
  return table.toBytes();
};

export const handler = createHandler({ s3: createS3(), kinesis: createKinesis(), log: systemLog });
