import type { Order } from "./orders.ts";

/** What was sold on one day in one region of one category. */
export interface Revenue {
  readonly region: string;
  readonly category: string;
  readonly orders: bigint;
  readonly quantity: bigint;
  readonly revenue_cents: bigint;
}

/** The revenue of one day's orders. Cancelled ones count for nothing. */
export function revenueOf(orders: readonly Order[]): readonly Revenue[] {
  const groups = new Map<string, Revenue>();
  for (const { status, region, category, quantity, revenue_cents: cents } of orders) {
    if (status === "cancelled") continue;
    const key = `${region}\0${category}`;
    const group = groups.get(key) ?? { region, category, orders: 0n, quantity: 0n, revenue_cents: 0n };
    groups.set(key, {
      ...group,
      orders: group.orders + 1n,
      quantity: group.quantity + quantity,
      revenue_cents: group.revenue_cents + cents,
    });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
