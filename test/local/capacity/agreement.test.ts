import { expect } from "chai";
import { VirtualClock } from "../../../local/clock.ts";
import { createCloud } from "../../../local/cloud.ts";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import type { DurationModel } from "../../../local/capacity/workload.ts";
import { costOf } from "../../../local/cost.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { aSimulation, start } from "../../support/jobs.ts";
import { jobRunsIn } from "../../support/pipeline.ts";
import { graphOf } from "../../support/stacks.ts";

type Events = readonly (CloudEvent & { readonly at: number })[];

const body = Buffer.from("a,b\n1,2\n");

/** Lands files at equal distances in the embedded cloud of a program, and gives all that happened. */
const embedded = async (graph: ResourceGraph, files: number, gap: number, model: DurationModel): Promise<Events> => {
  const events: (CloudEvent & { readonly at: number })[] = [];
  const clock = new VirtualClock(start);
  const cloud = await createCloud(graph, {
    clock,
    observer: (event, at) => events.push({ ...event, at }),
    standIns: false,
    simulation: aSimulation({
      startUpSeconds: model.startUp,
      durationSeconds: model.fixed,
      failureRate: model.failureRate,
    }),
  });
  const Bucket = String(graph.outputs.landingBucket);
  for (let file = 0; file < files; file++) {
    await cloud.asUser.putObject({ Bucket, Key: `incoming/${file}.csv`, Body: body });
    await clock.spawn(() => clock.sleep(1000 * gap));
  }
  await cloud.settle();
  return events;
};

interface Told {
  readonly latency: Pick<CapacityResult["latency"], "mean" | "min" | "max">;
  readonly latencies: readonly number[];
  readonly executions: number;
  readonly jobRuns: number;
  readonly succeeded: number;
  readonly transitions: number;
  readonly historyEvents: { readonly mean: number; readonly max: number };
  readonly glue: number;
}

const ofEmbedded = (events: Events): Told => {
  const landed = new Map<string, number>();
  const keys = new Map<string, string>();
  const histories = new Map<string, number>();
  const latencies: number[] = [];
  let transitions = 0;
  let succeeded = 0;
  for (const event of events) {
    if (event.kind === "object-created") landed.set(event.key, event.at);
    if (event.kind === "execution-started") {
      keys.set(event.executionArn, (event.input as { arguments: { key: string } }).arguments.key);
    }
    if (event.kind === "history") {
      histories.set(event.executionArn, (histories.get(event.executionArn) ?? 0) + 1);
      if (event.event.type.endsWith("StateEntered")) transitions++;
    }
    if (event.kind === "execution-ended") {
      latencies.push((event.at - (landed.get(keys.get(event.executionArn) ?? "") ?? Number.NaN)) / 1000);
      if (event.status === "SUCCEEDED") succeeded++;
    }
  }
  const counts = [...histories.values()];
  const jobRuns = jobRunsIn(events);
  return {
    latency: { mean: mean(latencies), min: Math.min(...latencies), max: Math.max(...latencies) },
    latencies,
    executions: latencies.length,
    jobRuns: jobRuns.length,
    succeeded,
    transitions,
    historyEvents: { mean: mean(counts), max: Math.max(...counts) },
    glue: costOf({ jobRuns, transitions, invocations: [] }).glue,
  };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const cases: readonly {
  readonly title: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly files: number;
  /** Seconds between files. */
  readonly gap: number;
  readonly model: Partial<DurationModel>;
  /**
   * Runs are stopped: in the embedded cloud one that never began keeps its place for as long as it would have run, so that
   * fewer others begin, and cost something, than here.
   */
  readonly stops?: true;
}[] = [
  {
    title: "polling a simulated job",
    stack: "local",
    config: { maxConcurrentRuns: "200", simulatedFailureRate: "0", simulatedDurationSeconds: "97" },
    files: 50,
    gap: 3,
    model: { fixed: 97, startUp: 8 },
  },
  {
    title: "polling Glue, while runs wait for a place",
    stack: "prod",
    config: { maxConcurrentRuns: "3" },
    files: 60,
    gap: 7,
    model: { fixed: 61, startUp: 11 },
  },
  {
    title: "waiting for Glue by Step Functions, while runs wait for a place",
    stack: "prod",
    config: { maxConcurrentRuns: "4", completion: "sync" },
    files: 60,
    gap: 9,
    model: { fixed: 133, startUp: 20 },
  },
  {
    title: "waiting for a simulated job by a function that gives up after ten minutes",
    stack: "local",
    config: {
      maxConcurrentRuns: "2",
      completion: "sync",
      jobTimeoutMinutes: "9",
      simulatedFailureRate: "0",
      simulatedDurationSeconds: "200",
    },
    files: 50,
    gap: 61,
    model: { fixed: 200, startUp: 8 },
    stops: true,
  },
  {
    title: "running again what fails, until it is given up",
    stack: "prod",
    config: { maxConcurrentRuns: "5" },
    files: 60,
    gap: 10,
    // A run that fails does so after a random part of its work: of no work at all.
    model: { fixed: 0, startUp: 30, failureRate: 1 },
  },
  {
    title: "stopping runs that wait for longer than they may",
    stack: "prod",
    config: { maxConcurrentRuns: "1", jobTimeoutMinutes: "10", maxAttempts: "1" },
    files: 50,
    gap: 1,
    model: { fixed: 590, startUp: 5 },
    stops: true,
  },
];

describe("The capacity simulation and the embedded cloud", () => {
  for (const { title, stack, config, files, gap, model: given, stops } of cases) {
    it(`tell the same of ${title}`, async () => {
      const graph = await graphOf(stack, { ...(stack === "local" && { standIn: "false" }), ...config });
      const model = aDuration(given);
      const there = ofEmbedded(await embedded(graph, files, gap, model));
      const at = Float64Array.from({ length: files }, (_, file) => file * gap);
      const here = await simulated(graph, {
        files,
        overSeconds: files * gap,
        arrival: { kind: "trace", at },
        size: { kind: "fixed", bytes: body.length },
        duration: model,
      });
      expect({
        executions: here.executions,
        jobRuns: here.jobRuns,
        succeeded: here.outcomes.succeeded,
        transitions: here.transitions,
        events: here.historyEvents.max,
      }).to.deep.equal({
        executions: there.executions,
        jobRuns: there.jobRuns,
        succeeded: there.succeeded,
        transitions: there.transitions,
        events: there.historyEvents.max,
      });
      expect(here.historyEvents.mean).to.be.closeTo(there.historyEvents.mean, 1e-9);
      expect(here.latency.min).to.be.closeTo(there.latency.min, 1e-9);
      expect(here.latency.mean).to.be.closeTo(there.latency.mean, 1e-9);
      expect(here.latency.max).to.be.closeTo(there.latency.max, 1e-9);
      expect(here.histogram.counts).to.deep.equal(countsOf(there.latencies, here.histogram.bounds));
      if (stops !== true) expect(here.cost.services.Glue ?? 0).to.be.closeTo(there.glue, 1e-9);
    });
  }
});

/** How many values are below each bound and not below the one before. */
const countsOf = (values: readonly number[], bounds: readonly number[]): readonly number[] =>
  bounds.map((bound, index) => values.filter((value) => value < bound && value >= (bounds[index - 1] ?? 0)).length);
