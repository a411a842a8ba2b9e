import type { S3 } from "../../../../functions/lib/aws.ts";
import { listFolder, type Folder } from "../../../../functions/lib/bookmark.ts";
import type { Column } from "../../../../functions/lib/csv/columns.ts";
import { readParquet, type ParquetRow } from "../../../../functions/lib/parquet/read-parquet.ts";
import { writeParquet } from "../../../../functions/lib/parquet/write-parquet.ts";
import { clearFolder, readObject, replaceFolder, within } from "../../../../functions/lib/s3-folder.ts";
import { dayOf, latest, type Order } from "./orders.ts";
import { parquetFile, parquetType } from "./stage-run.ts";
import { orderColumns } from "./tables.ts";

/** The day of a partition that an object's key names. */
export function dayIn(key: string): string | undefined {
  return /\/day=(\d{4}-\d{2}-\d{2})\//.exec(`/${key}`)?.[1];
}

/** The days that a table has partitions of. */
export async function daysOf(s3: S3, table: Folder): Promise<readonly string[]> {
  const found = await listFolder(s3, table);
  return [...new Set(found.flatMap(({ Key }) => dayIn(Key) ?? []))].sort();
}

/** All orders of a day. */
export async function ordersOf(s3: S3, table: Folder, day: string): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (const { Key } of await listFolder(s3, within(table, `day=${day}/`))) {
    const content = await readObject(s3, { Bucket: table.Bucket, Key });
    orders.push(...((await readParquet(content)) as unknown as readonly Order[]));
  }
  return orders;
}

/** Has a table's partition of a day hold these rows; without any there is none. */
export async function replaceDay(
  s3: S3,
  table: Folder,
  day: string,
  columns: readonly Column[],
  rows: readonly ParquetRow[],
): Promise<void> {
  const partition = within(table, `day=${day}/`);
  if (rows.length === 0) {
    await clearFolder(s3, partition);
    return;
  }
  const body = await writeParquet(columns, rows);
  await replaceFolder(s3, partition, { name: parquetFile, body, contentType: parquetType });
}

/**
 * Merges orders into the table: an order is in it once, whatever day an earlier version of it was of. Gives the days whose
 * partitions were changed.
 *
 * What is written rests on what was read, so only one run may do this at a time. One that dies on the way has not moved its
 * bookmark: the next merges the same orders again, and comes to the same table.
 */
export async function mergeInto(
  s3: S3,
  table: Folder,
  incoming: ReadonlyMap<string, Order>,
): Promise<readonly string[]> {
  const changed = new Set([...incoming.values()].map(dayOf));
  const kept: Order[] = [];
  for (const day of await daysOf(s3, table)) {
    const orders = await ordersOf(s3, table, day);
    if (orders.some(({ order_id: id }) => incoming.has(id))) changed.add(day);
    if (changed.has(day)) kept.push(...orders);
  }
  const merged = byDay(latest([...kept, ...incoming.values()]).values());
  const days = [...changed].sort();
  for (const day of days) {
    const orders = (merged.get(day) ?? []).toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1));
    await replaceDay(s3, table, day, orderColumns, orders.map(rowOf));
  }
  return days;
}

const rowOf = (order: Order): ParquetRow => ({ ...order });

function byDay(orders: Iterable<Order>): ReadonlyMap<string, readonly Order[]> {
  const days = new Map<string, Order[]>();
  for (const order of orders) {
    const day = dayOf(order);
    const others = days.get(day);
    if (others === undefined) days.set(day, [order]);
    else others.push(order);
  }
  return days;
}
