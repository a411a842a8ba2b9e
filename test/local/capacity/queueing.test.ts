import { expect } from "chai";
import { Random } from "../../../local/capacity/random.ts";
import { aDuration, meanOf, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

/** Step Functions looks at runs itself, so that how long they wait for a place is all that is left to chance. */
const withPlaces = (maxConcurrentRuns: number) =>
  graphOf("prod", { completion: "sync", maxConcurrentRuns: String(maxConcurrentRuns) });

/**
 * The mean waiting time of M/D/c, by Crommelin's argument: a service later all who are served now have gone, so the number
 * in the system at t + D is what exceeds c at t, and those that come meanwhile. The stationary distribution of that chain is
 * found by iteration; the mean wait follows by Little's law. H. C. Tijms, A First Course in Stochastic Models (2003), 9.6.
 */
const meanWait = (c: number, load: number, service: number): number => {
  const perService = c * load;
  const size = Math.ceil(c + 25 / (1 - load));
  const poisson: number[] = [Math.exp(-perService)];
  for (let k = 1; k <= size; k++) poisson.push(((poisson[k - 1] ?? 0) * perService) / k);
  let now = poisson.slice();
  for (let round = 0; round < 20_000; round++) {
    const [none, left] = [now.slice(0, c + 1).reduce(add, 0), now.slice(c + 1)];
    const next = poisson.map(
      (chance, j) => none * chance + left.reduce((sum, p, i) => sum + p * (poisson[j - i - 1] ?? 0), 0),
    );
    const whole = next.reduce(add, 0);
    const change = next.reduce((sum, p, j) => sum + Math.abs(p / whole - (now[j] ?? 0)), 0);
    now = next.map((p) => p / whole);
    if (change < 1e-9) break;
  }
  const queue = now.reduce((sum, p, j) => sum + Math.max(0, j - c) * p, 0);
  return (queue / perService) * service;
};

const add = (a: number, b: number): number => a + b;

/** Seconds for which a run holds its place: its start-up counts. */
const service = 70;

/** Seconds at which files come at random, so many a second in the mean. */
const arrivalsOf = (files: number, perSecond: number): Float64Array => {
  const random = new Random(5, "arrivals");
  let at = 0;
  return Float64Array.from({ length: files }, () => (at += random.exponential() / perSecond));
};

/** The mean wait where each takes the place that is free first. */
const waitByRecursion = (at: Float64Array, places: number): number => {
  const free = new Array<number>(places).fill(0);
  let waited = 0;
  for (const arrival of at) {
    const soonest = free.indexOf(Math.min(...free));
    const begins = Math.max(arrival, free[soonest] ?? 0);
    waited += begins - arrival;
    free[soonest] = begins + service;
  }
  return waited / at.length;
};

describe("Runs that wait for a place", function () {
  this.timeout("3 minutes");

  it("have a closed form to be compared with: of one place it is Pollaczek and Khinchine's", () => {
    expect(meanWait(1, 0.8, 70)).to.be.closeTo((0.8 * 70) / (2 * (1 - 0.8)), 0.01);
  });

  for (const [c, load] of [
    [1, 0.8],
    [4, 0.9],
    [20, 0.95],
  ] as const) {
    it(`wait as long as the recursion of Kiefer and Wolfowitz says of ${c} places, for the very same arrivals`, async () => {
      const files = 50_000;
      const at = arrivalsOf(files, (c * load) / service);
      const result = await simulated(await withPlaces(c), { files, arrival: { kind: "trace", at } });
      expect(meanOf(result, "waiting for a run")).to.be.closeTo(waitByRecursion(at, c), 1e-5);
    });
  }

  for (const [c, load, files] of [
    [1, 0.5, 100_000],
    [1, 0.8, 200_000],
    [4, 0.8, 200_000],
    [10, 0.8, 400_000],
  ] as const) {
    it(`wait for as long as in M/D/${c} at a load of ${load}`, async () => {
      const expected = meanWait(c, load, service);
      const graph = await withPlaces(c);
      const waits: number[] = [];
      // One seed alone strays by some hundredths: waits of files that come after each other are alike.
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const overSeconds = (files * service) / (c * load);
        const result = await simulated(graph, { files, overSeconds, arrival: { kind: "poisson" }, seed });
        expect(result.outcomes.succeeded).to.equal(files);
        waits.push(meanOf(result, "waiting for a run"));
      }
      expect(waits.reduce(add, 0) / waits.length).to.be.within(0.98 * expected, 1.02 * expected);
    });
  }

  it("wait in turn where files come faster than runs end: D/D/1 by hand", async () => {
    // A run holds the place for 70 s; a file comes each 50 s: the nth waits for n × 20 s.
    const result = await simulated(await withPlaces(1), { files: 5, overSeconds: 250 });
    expect(meanOf(result, "waiting for a run")).to.equal((0 + 20 + 40 + 60 + 80) / 5);
    expect(meanOf(result, "starting up")).to.equal(10);
    expect(meanOf(result, "running")).to.equal(60);
    // The looks of each come a minute apart: at 120 s after the start, for waits of 0 to 40 s, and at 180 s after.
    expect(result.latency.min).to.equal(120);
    expect(result.latency.max).to.equal(180);
    expect(result.latency.mean).to.equal((120 + 120 + 120 + 180 + 180) / 5);
    expect(result.peaks).to.include({ jobRuns: 1, waitingForRun: 2, executions: 3 });
  });

  it("wait for nothing where there are places enough", async () => {
    const result = await simulated(await withPlaces(3), { files: 100, overSeconds: 3000 });
    expect(meanOf(result, "waiting for a run")).to.equal(0);
    expect(result.latency).to.deep.equal({ mean: 120, min: 120, p50: 120, p90: 120, p95: 120, p99: 120, max: 120 });
  });

  it("keep Little's law, and their phases add up to the latency of the files", async () => {
    const files = 50_000;
    const overSeconds = (files * 70) / (10 * 0.95);
    const graph = await withPlaces(10);
    const result = await simulated(graph, {
      files,
      overSeconds,
      arrival: { kind: "poisson" },
      duration: aDuration({ sigma: 0.5, failureRate: 0.1 }),
    });
    const sum = result.phases.reduce((whole, { mean }) => whole + mean, 0);
    expect(sum).to.be.closeTo(result.latency.mean, 1e-6);
    expect(result.phases.reduce((whole, { share }) => whole + share, 0)).to.be.closeTo(1, 1e-9);
    const { series } = result;
    const inSystem = series.executions.reduce(add, 0) / series.executions.length;
    const rate = files / (series.executions.length * series.stepSeconds);
    // A step tells its highest value, which is a little more than its mean.
    expect(inSystem / (rate * result.latency.mean)).to.be.within(1, 1.15);
  });
});
