import { expect } from "chai";
import fc from "fast-check";
import type { EnrichedEvent } from "../lib/events.ts";
import { count, noWindows, windowOf, type WindowState } from "../lib/windows.ts";

const windowing = { windowMs: 60_000, latenessMs: 120_000 };
const start = Date.UTC(2026, 0, 5, 9);

const event = (eventId: string, seconds: number): EnrichedEvent => ({
  eventId,
  at: new Date(start + seconds * 1000).toISOString(),
  userId: "u",
  productId: "p",
  action: "purchase",
  quantity: 1,
  product: "Pan",
  category: "kitchen",
  amount: 100,
});

/** Counts batches one after the other, and keeps the last that was written of each window. */
const countAll = (batches: readonly (readonly EnrichedEvent[])[]) => {
  let state: WindowState = noWindows;
  const windows = new Map<number, { readonly purchases: number; readonly isFinal: boolean }>();
  const late: string[] = [];
  let duplicates = 0;
  for (const batch of batches) {
    const counted = count(state, batch, windowing);
    for (const [at, { totals, isFinal }] of counted.changed) {
      expect(windows.get(at)?.isFinal, "a closed window does not change").to.not.equal(true);
      windows.set(at, { purchases: totals.kitchen?.purchases ?? 0, isFinal });
    }
    late.push(...counted.late.map(({ eventId }) => eventId));
    duplicates += counted.duplicates;
    expect(counted.state.watermark).to.be.at.least(state.watermark);
    state = counted.state;
  }
  return { windows, late, duplicates, state };
};

describe("The windows of the real-time example", () => {
  it("count what comes out of order, as long as it is allowed to be late", () => {
    const { windows, late } = countAll([[event("a", 170)], [event("b", 10), event("c", 59)]]);
    expect(late).to.deep.equal([]);
    expect(windows.get(start)).to.deep.equal({ purchases: 2, isFinal: false });
  });

  it("close a window when the watermark passes its end, and set aside what comes then", () => {
    const { windows, late } = countAll([[event("a", 10)], [event("b", 180)], [event("c", 59), event("d", 60)]]);
    expect(windows.get(start)).to.deep.equal({ purchases: 1, isFinal: true });
    expect(late).to.deep.equal(["c"]);
    expect(windows.get(start + 60_000)).to.deep.equal({ purchases: 1, isFinal: false });
  });

  it("let a batch decide nothing about itself: the order within it does not matter", () => {
    const batch = [event("a", 1000), event("b", 10)];
    expect(countAll([batch]).late).to.deep.equal([]);
    expect(countAll([batch.toReversed()]).late).to.deep.equal([]);
  });

  it("count each event once or set it aside, however they are ordered, doubled and cut into batches", () => {
    const arrival = fc.record({ id: fc.nat(40), batch: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 120 }), (arrivals) => {
        // An event's time follows from its id: what comes again is the same.
        const batches = Array.from({ length: 7 }, (_, batch) =>
          arrivals.filter((one) => one.batch === batch).map(({ id }) => event(String(id), (id * 37) % 900)),
        );
        const { windows, late, duplicates } = countAll(batches);
        const counted = [...windows.values()].reduce((sum, { purchases }) => sum + purchases, 0);
        expect(counted + late.length + duplicates).to.equal(arrivals.length);
        const ids = new Set(arrivals.map(({ id }) => String(id)));
        const neverCounted = [...ids].filter((id) => late.includes(id)).length;
        expect(counted).to.be.within(ids.size - neverCounted, ids.size);
      }),
    );
  });

  it("put an event into the window that its time lies in, its start included and its end not", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 4e12 }), (at) => {
        const from = windowOf(at, windowing);
        expect(at).to.be.within(from, from + windowing.windowMs - 1);
        expect(Math.abs(from % windowing.windowMs)).to.equal(0);
      }),
    );
  });
});
