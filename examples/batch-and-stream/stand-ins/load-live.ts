import { createKinesis } from "../../../functions/clients/kinesis.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import type { Folder } from "../../../functions/lib/bookmark.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { writeParquet } from "../../../functions/lib/parquet/write-parquet.ts";
import { folderOf } from "../../../functions/lib/s3-folder.ts";
import { runMicroBatches } from "../../../functions/lib/streaming/micro-batches.ts";
import type { StreamWork } from "../../../functions/lib/streaming-runs.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { sortOut, type LiveState } from "../lib/live-state.ts";
import { parsePayment, paymentColumns, rowsOf, type Payment } from "../lib/payments.ts";

type LiveDependencies = Pick<Dependencies, "s3" | "kinesis" | "log">;

const nothing: LiveState = {};

/**
 * Does in the simulation what `scripts/load_live.py` does in Glue: each batch writes its payments, a file for each day. It
 * neither knows nor asks which days are loaded: the files of such a day count for nothing until its next load.
 */
export const createHandler =
  (deps: LiveDependencies): ((event: StandInEvent) => Promise<StreamWork>) =>
  async ({ Arguments: args }) => {
    const live = folderOf(args["--live"], "argument --live");
    const late = folderOf(args["--late"], "argument --late");
    const rejected = folderOf(args["--rejected"], "argument --rejected");
    const write = async (folder: Folder, batch: string, byDay: ReadonlyMap<string, readonly Payment[]>) => {
      for (const [day, payments] of byDay) {
        await deps.s3.putObject({
          Bucket: folder.Bucket,
          Key: `${folder.Prefix}day=${day}/${batch}.parquet`,
          Body: await writeParquet(paymentColumns, rowsOf(payments)),
          ContentType: "application/vnd.apache.parquet",
        });
      }
    };
    return runMicroBatches(deps, {
      args,
      initial: nothing,
      maxRecordsPerShard: Number(args["--max_records_per_shard"] ?? 5000),
      process: async ({ number, records, state }) => {
        const batch = `batch=${String(number).padStart(10, "0")}`;
        const parsed = records.map(({ text }) => ({ text, payment: parsePayment(text) }));
        const payments = parsed.flatMap(({ payment }) => (typeof payment === "string" ? [] : [payment]));
        const asides = parsed.flatMap(({ text, payment }) =>
          typeof payment === "string" ? [{ reason: payment, text }] : [],
        );
        const sorted = sortOut(state, payments, Number(args["--remembered_days"] ?? 3));
        await write(live, batch, sorted.live);
        await write(late, batch, sorted.late);
        if (asides.length > 0) {
          await deps.s3.putObject({
            Bucket: rejected.Bucket,
            Key: `${rejected.Prefix}${batch}.jsonl`,
            Body: Buffer.from(asides.map((aside) => `${JSON.stringify(aside)}\n`).join("")),
            ContentType: "application/x-ndjson",
          });
        }
        const lateCount = [...sorted.late.values()].reduce((sum, { length }) => sum + length, 0);
        const text =
          `batch ${number}: ${payments.length} payments, ${sorted.doubled} doubled, ${lateCount} late, ` +
          `${asides.length} set aside`;
        deps.log({ level: "INFO", message: "live", batch: number, shown: { label: "live", text } });
        return sorted.state;
      },
    });
  };

export const handler = createHandler({ s3: createS3(), kinesis: createKinesis(), log: systemLog });
