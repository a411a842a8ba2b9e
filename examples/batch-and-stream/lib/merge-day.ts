import type { LoadedPayment, Payment } from "./payments.ts";

export interface DayParts {
  /** What the day's load before has left. */
  readonly loaded: readonly LoadedPayment[];
  /** The complete file; undefined: one that was loaded before is newer. */
  readonly exported: readonly Payment[] | undefined;
  /** What the stream has told since, late ones included. */
  readonly streamed: readonly Payment[];
}

/**
 * All payments of a day, each once. What the export says holds. What only the stream has told stays, whatever exports come:
 * a payment leaves the table only where an export that alone had told of it is corrected.
 */
export const mergeDay = ({ loaded, exported, streamed }: DayParts): readonly LoadedPayment[] => {
  const told = new Map<string, Payment>();
  for (const payment of [...loaded.filter(({ told_by: by }) => by !== "export"), ...streamed]) {
    if (!told.has(payment.payment_id)) told.set(payment.payment_id, payment);
  }
  const merged = new Map<string, LoadedPayment>();
  for (const [id, payment] of told) merged.set(id, { ...payment, told_by: "stream" });
  for (const payment of exported ?? loaded.filter(({ told_by: by }) => by !== "stream")) {
    merged.set(payment.payment_id, { ...payment, told_by: told.has(payment.payment_id) ? "both" : "export" });
  }
  return [...merged.values()];
};
