import { expect } from "chai";
import fc from "fast-check";
import { EventHeap } from "../../../local/capacity/event-heap.ts";
import { Histogram } from "../../../local/capacity/histogram.ts";
import { NumberQueue } from "../../../local/capacity/number-queue.ts";
import { Random } from "../../../local/capacity/random.ts";
import { CourseOfTime } from "../../../local/capacity/series.ts";
import { TokenBucket } from "../../../local/capacity/token-bucket.ts";

describe("The generator of random numbers", () => {
  const many = (draw: (random: Random) => number, seed = 1): readonly number[] => {
    const random = new Random(seed, "arrivals");
    return Array.from({ length: 100_000 }, () => draw(random));
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

  it("gives uniform, exponential and normal numbers with the moments that they should have", () => {
    const uniform = many((random) => random.next());
    expect(mean(uniform)).to.be.closeTo(1 / 2, 0.005);
    expect(mean(uniform.map((value) => value ** 2)) - mean(uniform) ** 2).to.be.closeTo(1 / 12, 0.002);
    expect(Math.min(...uniform.slice(0, 1000))).to.be.at.least(0);
    expect(uniform.every((value) => value < 1)).to.equal(true);
    expect(mean(many((random) => random.exponential()))).to.be.closeTo(1, 0.02);
    const normal = many((random) => random.normal());
    expect(mean(normal)).to.be.closeTo(0, 0.02);
    expect(mean(normal.map((value) => value ** 2))).to.be.closeTo(1, 0.03);
  });

  it("gives the same numbers for the same seed and use, and others for others", () => {
    const first = (seed: number, stream: "arrivals" | "sizes") => {
      const random = new Random(seed, stream);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(first(7, "arrivals")).to.deep.equal(first(7, "arrivals"));
    expect(first(8, "arrivals")).not.to.deep.equal(first(7, "arrivals"));
    expect(first(7, "sizes")).not.to.deep.equal(first(7, "arrivals"));
    expect(variance(first(7, "arrivals"))).to.be.above(0);
  });
});

describe("The heap of events", () => {
  it("gives events by time, those that free something first, and else in the order in which they came", () => {
    const times = fc.array(fc.record({ at: fc.nat(20), frees: fc.boolean() }), { maxLength: 3000 });
    fc.assert(
      fc.property(times, (events) => {
        const heap = new EventHeap();
        events.forEach(({ at, frees }, index) => heap.push(at, index % 11, index, frees));
        const expected = events
          .map(({ at, frees }, index) => ({ at, frees, index }))
          .sort((a, b) => a.at - b.at || Number(b.frees) - Number(a.frees) || a.index - b.index)
          .map(({ index }) => index);
        const popped: number[] = [];
        while (heap.pop()) {
          expect(heap.kind).to.equal(heap.index % 11);
          expect(heap.id).to.equal(heap.index + 1);
          popped.push(heap.index);
        }
        expect(popped).to.deep.equal(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe("A histogram", () => {
  it("tells quantiles to within 0.4 %, and mean, least and greatest as they are", () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e10, noNaN: true }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(values, (all) => {
        const histogram = new Histogram();
        for (const value of all) histogram.add(value);
        const sorted = all.toSorted((a, b) => a - b);
        for (const share of [0.5, 0.9, 0.95, 0.99]) {
          const exact = sorted[Math.ceil(share * all.length - 1e-9) - 1] ?? Number.NaN;
          expect(histogram.quantile(share) / exact).to.be.within(0.996, 1.004);
        }
        const { min, max, mean } = histogram.distribution(1);
        expect([min, max]).to.deep.equal([sorted[0], sorted.at(-1)]);
        expect(mean / (all.reduce((sum, value) => sum + value, 0) / all.length)).to.be.closeTo(1, 1e-9);
        const { bounds, counts } = histogram.bars(4, 1);
        expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(all.length);
        expect(counts).to.deep.equal(
          bounds.map((to, bar) => all.filter((value) => value < to && value >= (bounds[bar - 1] ?? 0)).length),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe("A queue of numbers", () => {
  it("gives them back in their order, however many there were", () => {
    const queue = new NumberQueue();
    const out: (number | undefined)[] = [];
    for (let number = 0; number < 5000; number++) {
      queue.push(number);
      if (number % 3 === 0) out.push(queue.shift());
    }
    while (queue.length > 0) out.push(queue.shift());
    expect(out).to.deep.equal(Array.from({ length: 5000 }, (_, number) => number));
    expect(queue.shift()).to.equal(undefined);
  });
});

describe("A bucket of tokens", () => {
  it("gives a bucketful at once and then as many as it is refilled with", () => {
    const bucket = new TokenBucket(3, 2);
    const taken = [0, 0, 0, 0, 400, 500, 500, 1000].map((at) => bucket.take(at));
    expect(taken).to.deep.equal([true, true, true, false, false, true, false, true]);
    expect(bucket.saturated).to.equal(1000);
  });

  it("tells who must wait for how long, first come first served", () => {
    const bucket = new TokenBucket(2, 1);
    expect([2, 1, 1].map((count) => bucket.reserve(count, 0))).to.deep.equal([0, 1000, 2000]);
    expect(bucket.reserve(1, 5000)).to.equal(0);
  });
});

describe("The course of a simulation", () => {
  it("has 600 steps at the most, keeps sums, and tells each step's highest level", () => {
    const course = new CourseOfTime();
    for (let second = 0; second < 100_000; second++) {
      course.count("arrivals", 1000 * second, 1);
      course.change("executions", 1000 * second, second % 2 === 0 ? 3 : -3);
    }
    const series = course.toSeries();
    expect(series.arrivals.length).to.be.within(300, 600);
    expect(series.stepSeconds * series.arrivals.length).to.be.at.least(100_000);
    expect(series.arrivals.reduce((sum, count) => sum + count, 0)).to.equal(100_000);
    expect([...new Set(series.executions)]).to.deep.equal([3]);
    expect(course.area("executions")).to.equal(3 * 1000 * 50_000);
  });

  it("keeps a level through steps in which nothing happens", () => {
    const course = new CourseOfTime();
    course.change("jobRuns", 0, 2);
    course.count("ends", 100_000, 1);
    expect(course.toSeries().jobRuns.every((level) => level === 2)).to.equal(true);
  });
});
