import { dayOf, type Payment } from "./payments.ts";

/** What the streaming job remembers from batch to batch: the ids that it has written, by day. */
export type LiveState = Readonly<Record<string, readonly string[]>>;

export interface LiveBatch {
  readonly state: LiveState;
  /** Payments to be counted until their day is loaded, by day; none was written before. */
  readonly live: ReadonlyMap<string, readonly Payment[]>;
  /** Payments of days whose ids are forgotten, by day: they wait for the day's load. */
  readonly late: ReadonlyMap<string, readonly Payment[]>;
  readonly doubled: number;
}

/**
 * Sorts a batch out. The newest days are remembered, `rememberedDays` of them; what is older is late, as nobody could say
 * whether it was written before. That is decided by the batches before, so the order within a batch does not matter.
 */
export const sortOut = (state: LiveState, payments: readonly Payment[], rememberedDays: number): LiveBatch => {
  const known = new Map(Object.entries(state).map(([day, ids]) => [day, new Set(ids)]));
  const oldest = known.size < rememberedDays ? "" : ([...known.keys()].sort()[0] ?? "");
  const live = new Map<string, Payment[]>();
  const late = new Map<string, Payment[]>();
  let doubled = 0;
  for (const payment of payments) {
    const day = dayOf(payment);
    if (day < oldest) {
      late.set(day, [...(late.get(day) ?? []), payment]);
      continue;
    }
    const ids = known.get(day) ?? new Set();
    known.set(day, ids);
    if (ids.has(payment.payment_id)) {
      doubled += 1;
      continue;
    }
    ids.add(payment.payment_id);
    live.set(day, [...(live.get(day) ?? []), payment]);
  }
  const newest = [...known.keys()].sort().slice(-rememberedDays);
  return {
    state: Object.fromEntries(newest.map((day) => [day, [...(known.get(day) ?? [])]])),
    live,
    late,
    doubled,
  };
};
