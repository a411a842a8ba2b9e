import { createKinesis } from "../../../functions/clients/kinesis.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { putAll, type Entry } from "../../../functions/lib/streaming/put-all.ts";
import { runMicroBatches } from "../../../functions/lib/streaming/micro-batches.ts";
import type { StreamWork } from "../../../functions/lib/streaming-runs.ts";
import { systemSleep } from "../../../functions/lib/system-clock.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { enrich, parseEvent, parseProducts } from "../lib/events.ts";
import { batchName, placeFrom, readText, writeLines } from "../lib/place.ts";

type EnrichDependencies = Pick<Dependencies, "s3" | "kinesis" | "sleep" | "log">;

/**
 * Does in the simulation what `scripts/enrich.py` does in Glue: each event gets its product's name, category and price,
 * and goes to the next stream. What is no event, or of no product, is set aside with its reason. A batch that is repeated
 * sends its events twice; who reads the next stream knows them by their ids.
 */
export const createHandler =
  (deps: EnrichDependencies): ((event: StandInEvent) => Promise<StreamWork>) =>
  async ({ Arguments: args }) => {
    const output = args["--output_stream_arn"] ?? "";
    const rejected = placeFrom(args, "--rejected");
    const products = parseProducts(await readText(deps.s3, placeFrom(args, "--products")));
    return runMicroBatches(deps, {
      args,
      initial: {},
      maxRecordsPerShard: Number(args["--max_records_per_shard"] ?? 5000),
      process: async ({ number, records, state }) => {
        const entries: Entry[] = [];
        const asides: object[] = [];
        for (const { text } of records) {
          const event = parseEvent(text);
          const enriched = typeof event === "string" ? event : enrich(event, products);
          if (typeof enriched === "string") asides.push({ reason: enriched, text });
          else entries.push({ key: enriched.userId, text: JSON.stringify(enriched) });
        }
        const { turnedAway } = await putAll(deps, output, entries);
        await writeLines(deps.s3, rejected, `${batchName(number)}.jsonl`, asides);
        deps.log({
          level: "INFO",
          message: "enriched",
          events: entries.length,
          rejected: asides.length,
          turnedAway,
          shown: { label: "enrich", text: `batch ${number}: ${entries.length} events, ${asides.length} set aside` },
        });
        return state;
      },
    });
  };

export const handler = createHandler({
  s3: createS3(),
  kinesis: createKinesis(),
  sleep: systemSleep,
  log: systemLog,
});
