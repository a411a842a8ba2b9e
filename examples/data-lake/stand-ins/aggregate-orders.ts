import { createS3 } from "../../../functions/clients/s3.ts";
import { Bookmark } from "../../../functions/lib/bookmark.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import type { ParquetRow } from "../../../functions/lib/parquet/read-parquet.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { dayIn, daysOf, ordersOf, replaceDay } from "./lib/orders-table.ts";
import { revenueOf, type Revenue } from "./lib/revenue.ts";
import { keepSummary, outputOf, tableRead, type Counts, type StageDependencies } from "./lib/stage-run.ts";
import { revenueColumns } from "./lib/tables.ts";

interface AggregateSummary extends Counts {
  readonly objectsRead: number;
  readonly days: readonly string[];
}

/**
 * Does in the simulation what `scripts/aggregate_orders.py` does in Glue: the revenue of each day whose orders have changed
 * is computed anew and replaces what was there. A day that has lost its last order has no partition any more.
 */
export function createHandler({ s3, log }: StageDependencies): (event: StandInEvent) => Promise<AggregateSummary> {
  return async (event) => {
    const orders = tableRead(event);
    const revenue = outputOf(event);
    const bookmark = new Bookmark(event.Bookmark);
    const unread = await bookmark.unread(s3, orders, "orders");
    const changed = new Set(unread.flatMap(({ Key }) => dayIn(Key) ?? []));
    const alive = new Set(await daysOf(s3, orders));
    const days = new Set([...changed, ...(await daysOf(s3, revenue)).filter((day) => !alive.has(day))]);
    let rowsIn = 0;
    let rowsWritten = 0;
    for (const day of days) {
      const found = await ordersOf(s3, orders, day);
      const rows = revenueOf(found);
      await replaceDay(s3, revenue, day, revenueColumns, rows.map(rowOf));
      rowsIn += found.length;
      rowsWritten += rows.length;
    }
    const summary = { objectsRead: unread.length, rowsIn, rowsWritten, rowsRejected: 0, days: [...days].sort() };
    await keepSummary(s3, event, summary);
    log({ message: "aggregated", JobRunId: event.JobRunId, ...summary });
    return { ...summary, ...bookmark.answer() };
  };
}

const rowOf = (revenue: Revenue): ParquetRow => ({ ...revenue });

export const handler = createHandler({ s3: createS3(), log: systemLog });
