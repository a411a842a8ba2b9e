import { expect } from "chai";
import fc from "fast-check";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import { type CapacityMoment, simulateCapacity } from "../../../local/capacity/simulate.ts";
import type { Quotas, Workload } from "../../../local/capacity/workload.ts";
import { assumedTimes } from "../../../local/capacity/world.ts";
import { aDuration, aWorkload, noTime, unlimited } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

const programs: readonly (readonly [stack: string, config: Readonly<Record<string, string>>])[] = [
  ["prod", { maxConcurrentRuns: "4" }],
  ["prod", { maxConcurrentRuns: "2", jobRunQueuing: "false", maxAttempts: "2" }],
  ["prod", { completion: "sync", maxConcurrentRuns: "3", jobTimeoutMinutes: "10" }],
  ["prod", { completion: "event", maxConcurrentExecutions: "3" }],
  ["prod", { dispatch: "batch", batchMaxFiles: "5", batchWindowSeconds: "20", maxConcurrentExecutions: "2" }],
  ["prod", { dispatch: "batch", batchMaxFiles: "20", batchMaxBytes: "3000000", completion: "event" }],
  ["prod", { fileOrder: "per-key", dispatch: "batch", batchMaxFiles: "3", batchWindowSeconds: "20" }],
  ["local", { standIn: "false", ledger: "true", maxConcurrentRuns: "2" }],
];

const workloads: fc.Arbitrary<Workload> = fc
  .record({
    files: fc.integer({ min: 1, max: 60 }),
    overSeconds: fc.integer({ min: 0, max: 3000 }),
    arrival: fc.oneof(
      fc.constant({ kind: "even" } as const),
      fc.constant({ kind: "poisson" } as const),
      fc.integer({ min: 1, max: 5 }).map((bursts) => ({ kind: "burst", bursts }) as const),
    ),
    size: fc.constantFrom(
      { kind: "fixed", bytes: 1_000_000 } as const,
      {
        kind: "lognormal",
        medianBytes: 1_000_000,
        sigma: 1,
      } as const,
    ),
    duration: fc
      .record({
        fixed: fc.integer({ min: 0, max: 700 }),
        perMiB: fc.constantFrom(0, 3),
        sigma: fc.constantFrom(0, 0.5),
        startUp: fc.integer({ min: 0, max: 40 }),
        failureRate: fc.constantFrom(0, 0.3, 1),
      })
      .map((given) => aDuration(given)),
    seed: fc.nat(),
    keys: fc.integer({ min: 1, max: 10 }),
  })
  .map((given) => aWorkload(given));

/** As much as is needed, or next to nothing. */
const quotas: fc.Arbitrary<Quotas> = fc
  .record(
    {
      startExecutionBucket: fc.constant(3),
      startExecutionPerSecond: fc.constant(1),
      transitionBucket: fc.constant(20),
      transitionsPerSecond: fc.constant(5),
      lambdaConcurrency: fc.constant(2),
      glueRunsPerAccount: fc.constant(3),
      startJobRunPerSecond: fc.constant(1),
      getJobRunPerSecond: fc.constant(2),
    },
    { requiredKeys: [] },
  )
  .map((given) => ({ ...unlimited, ...given }));

describe("Files, time and money of a capacity simulation", function () {
  this.timeout("2 minutes");

  for (const [stack, config] of programs) {
    it(`are neither lost nor made with ${JSON.stringify(config)}`, async () => {
      const graph = await graphOf(stack, config);
      await fc.assert(
        fc.asyncProperty(
          workloads,
          quotas,
          fc.constantFrom(noTime, assumedTimes),
          async (workload, limits, assumed) => {
            let moments = 0;
            const observe = (moment: CapacityMoment): void => {
              moments++;
              expectNothingLost(moment);
            };
            const result = await simulateCapacity(graph, workload, limits, { assumed, observe });
            expect(moments).to.be.at.least(workload.files);
            expectAllTold(result, workload.files);
          },
        ),
        { numRuns: 8 },
      );
    });
  }
});

const expectNothingLost = (moment: CapacityMoment): void => {
  const { arrived, ended, queuedFiles, runningFiles, executions } = moment;
  if (arrived !== ended + queuedFiles + runningFiles) throw new Error(`files are lost: ${JSON.stringify(moment)}`);
  if (executions > runningFiles) throw new Error(`executions without files: ${JSON.stringify(moment)}`);
  for (const [name, value] of Object.entries(moment) as [string, number][]) {
    if (!(value >= 0)) throw new Error(`${name} is ${value}: ${JSON.stringify(moment)}`);
  }
};

const expectAllTold = (result: CapacityResult, files: number): void => {
  const { outcomes, series, latency, phases, peaks, cost, histogram, throttles, sampled } = result;
  expect(outcomes.unfinished).to.equal(0);
  expect(sum(Object.values(outcomes))).to.equal(files);
  expect(sum(series.arrivals)).to.equal(files);
  expect(sum(series.ends)).to.equal(files);
  expect(sum(series.throttles)).to.equal(sum(throttles.map(({ count }) => count)));
  for (const level of ["queuedFiles", "waitingForRun", "executions", "jobRuns"] as const) {
    expect(Math.max(...series[level]), level).to.equal(peaks[level]);
  }
  expect(sum(histogram.counts)).to.equal(files);
  expect(sum(phases.map(({ mean }) => mean))).to.be.closeTo(latency.mean, 1e-6);
  for (const { mean } of phases) expect(mean).to.be.at.least(0);
  expect(cost.total).to.be.closeTo(sum(Object.values(cost.services)), 1e-9);
  expect(cost.perThousandFiles).to.be.closeTo((1000 * cost.total) / files, 1e-9);
  for (const { spans, arrivedAt, endedAt } of sampled) {
    const last = spans.reduce((at, { from, to }) => {
      expect(from).to.be.closeTo(at, 1e-6);
      expect(to).to.be.above(from);
      return to;
    }, arrivedAt);
    expect(last).to.be.closeTo(endedAt, 1e-6);
  }
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
