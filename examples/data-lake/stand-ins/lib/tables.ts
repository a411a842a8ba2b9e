import type { Column } from "../../../../functions/lib/csv/columns.ts";

const text = (name: string): Column => ({ name, type: "string" });
const whole = (name: string): Column => ({ name, type: "bigint" });
const moment = (name: string): Column => ({ name, type: "timestamp" });

/** The fields that a landed row must have, as they were received. */
export const fields = [
  "order_id",
  "ordered_at",
  "updated_at",
  "status",
  "country",
  "category",
  "quantity",
  "unit_price",
] as const;

export const rawColumns: readonly Column[] = [...fields.map(text), text("source"), whole("line")];

export const orderColumns: readonly Column[] = [
  text("order_id"),
  moment("ordered_at"),
  moment("updated_at"),
  text("status"),
  text("country"),
  text("region"),
  text("category"),
  whole("quantity"),
  whole("unit_price_cents"),
  whole("revenue_cents"),
];

export const revenueColumns: readonly Column[] = [
  text("region"),
  text("category"),
  whole("orders"),
  whole("quantity"),
  whole("revenue_cents"),
];
