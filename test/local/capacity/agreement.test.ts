import { expect } from "chai";
import type { DurationModel } from "../../../local/capacity/workload.ts";
import { expectSame, traced } from "../../support/capacity/agreement.ts";
import { embedded } from "../../support/capacity/embedded.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { withoutJitter } from "../../support/capacity/with-definition.ts";
import { graphOf } from "../../support/stacks.ts";

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
    title: "trying again to start what Glue has no place for",
    stack: "prod",
    config: { maxConcurrentRuns: "2", jobRunQueuing: "false" },
    files: 12,
    gap: 20,
    model: { fixed: 55, startUp: 5 },
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
      const graph = withoutJitter(await graphOf(stack, { ...(stack === "local" && { standIn: "false" }), ...config }));
      const model = aDuration(given);
      const landings = Array.from({ length: files }, (_, file) => ({ at: file * gap, bytes: 8 }));
      const there = await embedded(graph, landings, model);
      const here = await simulated(graph, { ...traced(landings), overSeconds: files * gap, duration: model });
      expectSame(here, there);
      if (stops !== true) expect(here.cost.services.Glue ?? 0).to.be.closeTo(there.glue, 1e-9);
    });
  }
});
