import { parseCell } from "../../../../functions/lib/csv/cells.ts";
import type { RawRow } from "./landed-rows.ts";

/** An order as the table has it. Moments are microseconds since the epoch. */
export interface Order {
  readonly order_id: string;
  readonly ordered_at: bigint;
  readonly updated_at: bigint;
  readonly status: string;
  readonly country: string;
  readonly region: string;
  readonly category: string;
  readonly quantity: bigint;
  readonly unit_price_cents: bigint;
  readonly revenue_cents: bigint;
}

/** Regions by country. */
export type Regions = Readonly<Record<string, string>>;

const statuses: readonly string[] = ["paid", "shipped", "cancelled"];

/** A raw row with its types, cleaned and enriched; a text is why it is no order. */
export function toOrder(raw: RawRow, regions: Regions): Order | string {
  const ordered = parseCell("timestamp", raw.ordered_at.trim());
  if (typeof ordered !== "bigint") return "ordered_at is not a timestamp";
  const updated = parseCell("timestamp", raw.updated_at.trim());
  if (typeof updated !== "bigint") return "updated_at is not a timestamp";
  const status = raw.status.trim().toLowerCase();
  if (!statuses.includes(status)) return `status is none of ${statuses.join(", ")}`;
  const country = raw.country.trim().toUpperCase();
  if (!/^[A-Z]{2}$/.test(country)) return "country is not a code of two letters";
  const category = raw.category.trim().toLowerCase();
  if (!/^[a-z][a-z0-9 &-]{0,39}$/.test(category)) return "category is not a name";
  const quantity = raw.quantity.trim();
  if (!/^[1-9][0-9]{0,5}$/.test(quantity)) return "quantity is not a whole number from 1";
  const [, units, cents = ""] = /^([0-9]{1,9})(?:\.([0-9]{1,2}))?$/.exec(raw.unit_price.trim()) ?? [];
  if (units === undefined) return "unit_price is not an amount";
  const price = BigInt(units) * 100n + BigInt(cents.padEnd(2, "0"));
  return {
    order_id: raw.order_id.trim().toUpperCase(),
    ordered_at: ordered,
    updated_at: updated,
    status,
    country,
    region: regions[country] ?? "other",
    category,
    quantity: BigInt(quantity),
    unit_price_cents: price,
    revenue_cents: BigInt(quantity) * price,
  };
}

/** The day of an order in UTC, which is its partition: `2026-01-31`. */
export function dayOf({ ordered_at: at }: Pick<Order, "ordered_at">): string {
  return new Date(Number(at / 1000n)).toISOString().slice(0, 10);
}

/**
 * One version of each order: the one that was updated last. Of two that were updated at one moment it is the greater, field
 * by field, so that neither the order in which files come nor how often they come makes a difference.
 */
export function latest(orders: Iterable<Order>): ReadonlyMap<string, Order> {
  const kept = new Map<string, Order>();
  for (const order of orders) {
    const other = kept.get(order.order_id);
    if (other === undefined || compare(order, other) > 0) kept.set(order.order_id, order);
  }
  return kept;
}

const compared = [
  "updated_at",
  "ordered_at",
  "status",
  "country",
  "region",
  "category",
  "quantity",
  "unit_price_cents",
] as const satisfies readonly (keyof Order)[];

function compare(a: Order, b: Order): number {
  for (const field of compared) {
    if (a[field] !== b[field]) return a[field] > b[field] ? 1 : -1;
  }
  return 0;
}
