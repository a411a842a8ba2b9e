import type { EnrichedEvent } from "./events.ts";

/** Windows follow one another without a gap. Times are milliseconds since the epoch. */
export interface Windowing {
  readonly windowMs: number;
  /** An event this much older than the newest one is still counted. */
  readonly latenessMs: number;
}

export interface Totals {
  readonly views: number;
  readonly carts: number;
  readonly purchases: number;
  /** In cents. */
  readonly revenue: number;
}

/** A window that may still change: what was counted, and the ids of the events, by which their duplicates are known. */
export interface OpenWindow {
  readonly ids: readonly string[];
  readonly totals: Readonly<Record<string, Totals>>;
}

/** What is remembered from batch to batch. */
export interface WindowState {
  /** No window that ends by then changes any more. */
  readonly watermark: number;
  /** By the window's start. */
  readonly open: Readonly<Record<string, OpenWindow>>;
}

export interface Counted {
  readonly state: WindowState;
  /** Windows that the batch has changed or closed, by their start, with whether they are closed. */
  readonly changed: ReadonlyMap<number, { readonly totals: OpenWindow["totals"]; readonly isFinal: boolean }>;
  readonly late: readonly EnrichedEvent[];
  readonly duplicates: number;
}

export const noWindows: WindowState = { watermark: Number.MIN_SAFE_INTEGER, open: {} };

/** The start of the window that a time belongs to. */
export const windowOf = (at: number, { windowMs }: Pick<Windowing, "windowMs">): number =>
  Math.floor(at / windowMs) * windowMs;

/**
 * Counts a batch. What is late is decided by the batches before it, so that the order within a batch does not matter: the
 * watermark moves at its end.
 */
export const count = (state: WindowState, events: readonly EnrichedEvent[], windowing: Windowing): Counted => {
  const windows = new Map(Object.entries(state.open).map(([start, window]) => [Number(start), reopened(window)]));
  const touched = new Set<number>();
  const late: EnrichedEvent[] = [];
  let duplicates = 0;
  let newest = state.watermark + windowing.latenessMs;
  for (const event of events) {
    const at = Date.parse(event.at);
    const start = windowOf(at, windowing);
    if (start + windowing.windowMs <= state.watermark) {
      late.push(event);
      continue;
    }
    newest = Math.max(newest, at);
    const window = windows.get(start) ?? { ids: new Set<string>(), totals: {} };
    windows.set(start, window);
    if (window.ids.has(event.eventId)) {
      duplicates += 1;
      continue;
    }
    window.ids.add(event.eventId);
    window.totals[event.category] = plus(window.totals[event.category] ?? nothing, event);
    touched.add(start);
  }
  const watermark = newest - windowing.latenessMs;
  const isFinal = (start: number): boolean => start + windowing.windowMs <= watermark;
  const starts = [...windows.keys()].sort((a, b) => a - b);
  const changed = starts.filter((start) => touched.has(start) || isFinal(start));
  return {
    state: {
      watermark,
      open: Object.fromEntries(
        starts
          .filter((start) => !isFinal(start))
          .map((start) => {
            const { ids, totals } = windows.get(start) ?? { ids: new Set<string>(), totals: {} };
            return [String(start), { ids: [...ids], totals }];
          }),
      ),
    },
    changed: new Map(
      changed.map((start) => [start, { totals: windows.get(start)?.totals ?? {}, isFinal: isFinal(start) }]),
    ),
    late,
    duplicates,
  };
};

const nothing: Totals = { views: 0, carts: 0, purchases: 0, revenue: 0 };

const plus = (totals: Totals, { action, amount }: EnrichedEvent): Totals => ({
  views: totals.views + (action === "view" ? 1 : 0),
  carts: totals.carts + (action === "cart" ? 1 : 0),
  purchases: totals.purchases + (action === "purchase" ? 1 : 0),
  revenue: totals.revenue + amount,
});

const reopened = ({ ids, totals }: OpenWindow): { ids: Set<string>; totals: Record<string, Totals> } => ({
  ids: new Set(ids),
  totals: { ...totals },
});
