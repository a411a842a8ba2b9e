import { createS3 } from "../../../functions/clients/s3.ts";
import { Bookmark } from "../../../functions/lib/bookmark.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { readParquet } from "../../../functions/lib/parquet/read-parquet.ts";
import { readObject } from "../../../functions/lib/s3-folder.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import type { RawRow } from "./lib/landed-rows.ts";
import { latest, toOrder, type Order, type Regions } from "./lib/orders.ts";
import { mergeInto } from "./lib/orders-table.ts";
import {
  argument,
  keepRejected,
  keepSummary,
  outputOf,
  tableRead,
  type Counts,
  type StageDependencies,
} from "./lib/stage-run.ts";

interface TransformSummary extends Counts {
  readonly objectsRead: number;
  readonly days: readonly string[];
}

/** Does in the simulation what `scripts/transform_orders.py` does in Glue: new raw rows are merged into the table of orders. */
export function createHandler({ s3, log }: StageDependencies): (event: StandInEvent) => Promise<TransformSummary> {
  return async (event) => {
    const regions = JSON.parse(argument(event, "--regions")) as Regions;
    const raw = tableRead(event);
    const bookmark = new Bookmark(event.Bookmark);
    const unread = await bookmark.unread(s3, raw, "raw_orders");
    const orders: Order[] = [];
    const rejected = new RejectedOrders();
    for (const { Key } of unread) {
      const content = await readObject(s3, { Bucket: raw.Bucket, Key });
      for (const row of (await readParquet(content)) as unknown as readonly RawRow[]) {
        const order = toOrder(row, regions);
        if (typeof order === "string") rejected.add(row, order);
        else orders.push(order);
      }
    }
    const incoming = latest(orders);
    const days = await mergeInto(s3, outputOf(event), incoming);
    await keepRejected(s3, event, rejected.toBytes());
    const summary = {
      objectsRead: unread.length,
      rowsIn: orders.length + rejected.count,
      rowsWritten: incoming.size,
      rowsRejected: rejected.count,
      days,
    };
    await keepSummary(s3, event, summary);
    log({ message: "transformed", JobRunId: event.JobRunId, ...summary });
    return { ...summary, ...bookmark.answer() };
  };
}

/** Rows that are no orders, as CSV: where they landed, and why. */
class RejectedOrders {
  readonly #lines: string[] = [];

  get count(): number {
    return this.#lines.length;
  }

  add({ source, line, order_id: id }: RawRow, reason: string): void {
    this.#lines.push([source, String(line), id, reason].map((value) => `"${value.replaceAll('"', '""')}"`).join(","));
  }

  toBytes(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    return Buffer.from(`${["source,line,order_id,reason", ...this.#lines].join("\n")}\n`);
  }
}

export const handler = createHandler({ s3: createS3(), log: systemLog });
