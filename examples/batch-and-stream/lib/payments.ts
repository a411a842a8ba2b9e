import { parseCell } from "../../../functions/lib/csv/cells.ts";
import type { Column, ColumnTypes } from "../../../functions/lib/csv/columns.ts";
import type { ParquetRow } from "../../../functions/lib/parquet/read-parquet.ts";

export interface Payment {
  readonly payment_id: string;
  /** Microseconds since the epoch. */
  readonly paid_at: bigint;
  readonly shop: string;
  readonly amount_cents: bigint;
}

/** A row of a loaded day, with who has told of it. */
export interface LoadedPayment extends Payment {
  readonly told_by: "stream" | "export" | "both";
}

export const paymentColumns: readonly Column[] = [
  { name: "payment_id", type: "string" },
  { name: "paid_at", type: "timestamp" },
  { name: "shop", type: "string" },
  { name: "amount_cents", type: "bigint" },
];

export const loadedColumns: readonly Column[] = [...paymentColumns, { name: "told_by", type: "string" }];

export const paymentTypes: ColumnTypes = new Map(paymentColumns.map(({ name, type }) => [name, type]));

/** The day that a payment belongs to, in UTC. */
export const dayOf = ({ paid_at: at }: Pick<Payment, "paid_at">): string =>
  new Date(Number(at / 1000n)).toISOString().slice(0, 10);

/** Reads a payment from an object's fields, or says in a text what is wrong with them. */
export const paymentOf = (fields: Readonly<Record<string, unknown>>): Payment | string => {
  const { payment_id: id, paid_at: at, shop, amount_cents: cents } = fields;
  if (typeof id !== "string" || id === "") return "payment_id must be a text";
  const paidAt = typeof at === "string" ? parseCell("timestamp", at) : at;
  if (typeof paidAt !== "bigint") return "paid_at must be a time in ISO 8601";
  if (typeof shop !== "string" || shop === "") return "shop must be a text";
  const amount = typeof cents === "number" && Number.isSafeInteger(cents) ? BigInt(cents) : cents;
  if (typeof amount !== "bigint") return "amount_cents must be a whole number";
  return { payment_id: id, paid_at: paidAt, shop, amount_cents: amount };
};

/** Reads a record of the stream, or says in a text what is wrong with it. */
export const parsePayment = (text: string): Payment | string => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no JSON object";
    return paymentOf(value as Readonly<Record<string, unknown>>);
  } catch {
    return "it is no JSON object";
  }
};

/** As rows of a file, in the order of their ids: the same payments make the same file. */
export const rowsOf = (payments: readonly Payment[]): readonly ParquetRow[] =>
  payments.toSorted((a, b) => (a.payment_id < b.payment_id ? -1 : 1)).map((payment) => ({ ...payment }));
