import { expect } from "chai";
import { QueuedBench, type QueuedBenchOptions } from "../../../support/queued-bench.ts";
import { s3Record } from "../../../support/s3-events.ts";

const files = 1000;

/** DynamoDB's write units for an item of at most 1 kB that is written in a transaction, and what a partition takes. */
const unitsOfWrite = 2;
const mostUnits = 1000;

interface Written {
  readonly TransactItems?: readonly Readonly<Record<string, { readonly Item?: unknown; readonly Key?: unknown }>>[];
}

/** How often a call writes to the waiting list. */
const writesIn = (input: unknown): number => {
  const { TransactItems = [] } = input as Written;
  const places = TransactItems.flatMap((each) => Object.values(each).map(({ Item, Key }) => Item ?? Key));
  return places.filter((place) => JSON.stringify(place).includes('"Partition":{"S":"waiting"}')).length;
};

/** The most write units of any second that files take which all come at once, and one of which is under way at a time. */
const peakUnits = async (options: Partial<QueuedBenchOptions>): Promise<number> => {
  // Some 10 milliseconds for a call, as in Lambda with this much memory.
  const bench = new QueuedBench({ settings: { maxConcurrentExecutions: 1 }, slowness: 10, ...options });
  for (let index = 0; index < files; index += 1) {
    bench.arrive({ Records: [s3Record({ key: `slow-${index}.csv`, versionId: `v-${index}` })] });
  }
  await bench.settle();
  const writes = bench.calls.flatMap(({ input, at }) => Array<number>(writesIn(input)).fill(at)).sort((a, b) => a - b);
  expect(writes.length).to.be.at.least(2 * files, "each is put there and taken off");
  const inSecondFrom = (first: number): number => {
    const end = writes.findIndex((at) => at >= (writes[first] ?? 0) + 1000);
    return (end === -1 ? writes.length : end) - first;
  };
  return unitsOfWrite * Math.max(...writes.map((_, index) => inSecondFrom(index)));
};

describe("The list of units that wait", () => {
  it("gets no more in a second than its partition takes from the two calls that its queue allows", async () => {
    expect(await peakUnits({ mostCalls: 2 })).to.be.at.most(mostUnits);
  }).timeout(60_000);

  it("would get more from as many calls as there are messages for", async () => {
    expect(await peakUnits({})).to.be.above(mostUnits);
  }).timeout(60_000);
});
