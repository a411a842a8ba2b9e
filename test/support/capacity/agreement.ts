import { expect } from "chai";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import type { Workload } from "../../../local/capacity/workload.ts";
import type { Landing, Told } from "./embedded.ts";

/** The same files for a simulation. */
export const traced = (landings: readonly Landing[]): Partial<Workload> => ({
  files: landings.length,
  arrival: {
    kind: "trace",
    at: Float64Array.from(landings, ({ at }) => at),
    bytes: Float64Array.from(landings, ({ bytes }) => bytes),
    keys: Int32Array.from(landings, ({ key }, index) => key ?? index),
  },
  size: { kind: "trace" },
});

/** Of a simulation and of the embedded cloud: the same work, and each file as long on its way. */
export const expectSame = (here: CapacityResult, there: Told): void => {
  expect({
    executions: here.executions,
    mostExecutions: here.peaks.executions,
    jobRuns: here.jobRuns,
    succeeded: here.outcomes.succeeded,
    transitions: here.transitions,
    mostEvents: here.historyEvents.max,
  }).to.deep.equal({
    executions: there.executions,
    mostExecutions: there.mostExecutions,
    jobRuns: there.jobRuns,
    succeeded: there.succeeded,
    transitions: there.transitions,
    mostEvents: there.historyEvents.max,
  });
  expect(here.historyEvents.mean).to.be.closeTo(there.historyEvents.mean, 1e-9);
  expect(here.latency.min).to.be.closeTo(Math.min(...there.latencies), 1e-9);
  expect(here.latency.mean).to.be.closeTo(meanOf(there.latencies), 1e-9);
  expect(here.latency.max).to.be.closeTo(Math.max(...there.latencies), 1e-9);
  expect(here.histogram.counts).to.deep.equal(countsOf(there.latencies, here.histogram.bounds));
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How many values are below each bound and not below the one before. */
const countsOf = (values: readonly number[], bounds: readonly number[]): readonly number[] =>
  bounds.map((bound, index) => values.filter((value) => value < bound && value >= (bounds[index - 1] ?? 0)).length);
