import { expect } from "chai";
import fc from "fast-check";
import { countHistoryEvents, countPolls } from "../../components/polling.ts";
import { busy, transient } from "../../components/task-retries.ts";

describe("countPolls", () => {
  it("counts looks at the floor while a run is young", () => {
    expect(countPolls(20, { floorSeconds: 5, ceilingSeconds: 60, share: 0.05 })).to.equal(4);
    // At once, then each second.
    expect(countPolls(3, { floorSeconds: 0, ceilingSeconds: 60, share: 0 })).to.equal(4);
  });

  it("counts looks at the ceiling when the share says more", () => {
    expect(countPolls(600, { floorSeconds: 60, ceilingSeconds: 60, share: 1 })).to.equal(10);
  });

  it("lies between looking always at the ceiling and always at the floor", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 600 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (limit, floor, more, share) => {
          const polls = countPolls(limit, { floorSeconds: floor, ceilingSeconds: floor + more, share });
          expect(polls).to.be.at.least(Math.min(Math.ceil(limit / (floor + more)), 25_001));
          expect(polls).to.be.at.most(Math.min(Math.ceil(limit / floor), 25_001));
        },
      ),
    );
  });

  it("stops counting where no history would hold the looks", () => {
    expect(countPolls(1e9, { floorSeconds: 1, ceilingSeconds: 1, share: 0 })).to.equal(25_001);
  });

  it("makes the defaults fit a history many times over", () => {
    expect(countHistoryEvents(2 * 3600, 3, { floorSeconds: 5, ceilingSeconds: 60, share: 0.05 })).to.be.below(10_000);
  });
});

describe("countHistoryEvents", () => {
  it("leaves room for every try that may be refused before a run starts", () => {
    const polling = { floorSeconds: 60, ceilingSeconds: 60, share: 0 };
    const eventsOfATry = 4;
    const perAttempt = countHistoryEvents(0, 2, polling) - countHistoryEvents(0, 1, polling);
    expect(perAttempt).to.be.at.least((1 + transient.maxAttempts + busy.maxAttempts) * eventsOfATry);
  });
});
