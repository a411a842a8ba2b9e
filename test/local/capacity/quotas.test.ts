import { expect } from "chai";
import { CapacityError } from "../../../local/capacity/program.ts";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import { aDuration, meanOf, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

const burst = { kind: "burst", bursts: 1 } as const;

const countOf = ({ throttles }: CapacityResult, error: string): number =>
  throttles.find((throttle) => throttle.error.startsWith(error))?.count ?? 0;

const ended = ({ outcomes }: CapacityResult): number =>
  outcomes.succeeded + outcomes.failed + outcomes.rejected + outcomes.unfinished;

describe("What AWS allows an account", () => {
  it("throttles StartExecution, which the dispatcher and Lambda try again, and gives up on in the end", async () => {
    const graph = await graphOf("prod", { maxConcurrentRuns: "1000" });
    const result = await simulated(
      graph,
      { files: 2000, arrival: burst },
      { startExecutionBucket: 100, startExecutionPerSecond: 1 },
    );
    expect(ended(result)).to.equal(2000);
    expect(result.outcomes.succeeded).to.equal(result.executions);
    // The bucketful, and what is refilled while it is tried: for some three minutes.
    expect(result.executions).to.be.within(100, 300);
    expect(result.outcomes.failed).to.equal(2000 - result.executions);
    // Each that is given up has been tried three times by each of three calls.
    expect(countOf(result, "StartExecution")).to.be.at.least(9 * result.outcomes.failed);
    expect(result.bottleneck?.quota?.name).to.equal("startExecutionPerSecond");
  });

  it("delays transitions by no more than the bucket says", async () => {
    const graph = await graphOf("prod", { completion: "sync", maxConcurrentRuns: "1000" });
    const result = await simulated(
      graph,
      { files: 1000, arrival: burst },
      { transitionBucket: 100, transitionsPerSecond: 10 },
    );
    expect(result.outcomes.succeeded).to.equal(1000);
    // All but the first hundred come at ten a second.
    expect(result.elapsedSeconds).to.be.at.least((result.transitions - 100) / 10);
    expect(countOf(result, "StateTransition")).to.be.above(0);
  });

  it("has functions wait for their turn", async () => {
    const graph = await graphOf("prod", { completion: "sync", maxConcurrentRuns: "1000" });
    const result = await simulated(graph, { files: 500, arrival: burst }, { lambdaConcurrency: 10 }, { lambda: 0.1 });
    expect(result.outcomes.succeeded).to.equal(500);
    expect(result.peaks.lambda).to.equal(10);
    expect(countOf(result, "TooManyRequestsException")).to.be.above(490);
    expect(meanOf(result, "queued")).to.be.above(1);
  });

  it("has runs wait for the account's places where the job has more", async () => {
    const graph = await graphOf("prod", { completion: "sync", maxConcurrentRuns: "1000" });
    const result = await simulated(graph, { files: 100, arrival: burst }, { glueRunsPerAccount: 10 });
    expect(result.peaks).to.include({ jobRuns: 10, waitingForRun: 90 });
    expect(result.bottleneck?.quota).to.deep.equal({ name: "glueRunsPerAccount", now: 10 });
  });

  it("refuses runs without a queue, which the state machine tries again", async () => {
    const graph = await graphOf("prod", { maxConcurrentRuns: "5", jobRunQueuing: "false" });
    const result = await simulated(graph, { files: 50, arrival: burst });
    expect(result.outcomes.succeeded).to.equal(50);
    expect(result.peaks.jobRuns).to.equal(5);
    const refused = countOf(result, "ConcurrentRunsExceededException");
    expect(refused).to.be.at.least(45);
    expect(result.retries).to.equal(refused);
    expect(meanOf(result, "waiting for a run")).to.be.above(10);
    expect(result.bottleneck?.setting).to.include({ key: "maxConcurrentRuns", now: "5" });
  });

  it("throttles looks at runs, which are tried again", async () => {
    const graph = await graphOf("prod", { maxConcurrentRuns: "1000" });
    const result = await simulated(graph, { files: 300, arrival: burst }, { getJobRunPerSecond: 50 });
    expect(ended(result)).to.equal(300);
    expect(countOf(result, "GetJobRun")).to.be.above(100);
    expect(result.retries).to.be.above(100);
  });
});

describe("A capacity simulation", () => {
  it("gives the same result for the same seed, and another for another", async () => {
    const graph = await graphOf("prod");
    const workload = {
      files: 500,
      overSeconds: 600,
      arrival: { kind: "poisson" },
      size: { kind: "lognormal", medianBytes: 1e6, sigma: 1 },
      duration: aDuration({ perMiB: 5, sigma: 0.4, failureRate: 0.2 }),
    } as const;
    const first = await simulated(graph, workload);
    expect(await simulated(graph, workload)).to.deep.equal(first);
    expect((await simulated(graph, { ...workload, seed: 2 })).latency).not.to.deep.equal(first.latency);
    expect(JSON.parse(JSON.stringify(first))).to.deep.equal(first);
  });

  it("tells Little's law's number of runs where places are too few, and nothing where nothing holds files up", async () => {
    const workload = { files: 1000, overSeconds: 1000, duration: aDuration({ fixed: 30 }) };
    const few = await simulated(await graphOf("prod", { maxConcurrentRuns: "20" }), workload);
    // A run a second, each of which holds its place for forty.
    expect(few.bottleneck?.setting).to.deep.equal({ key: "maxConcurrentRuns", now: "20", atLeast: "40" });
    const enough = await simulated(await graphOf("prod", { maxConcurrentRuns: "50" }), workload);
    expect(enough.bottleneck).to.equal(undefined);
  });

  it("tells it of the runs that executions gave up to wait for, too", async () => {
    const workload = { files: 40_000, overSeconds: 3600, duration: aDuration({ fixed: 20, startUp: 25 }) };
    const { outcomes, bottleneck } = await simulated(await graphOf("prod", { maxConcurrentRuns: "50" }), workload);
    expect(outcomes.failed).to.be.greaterThan(30_000);
    // Eleven runs a second, each of which would hold its place for 45.
    expect(Number(bottleneck?.setting?.atLeast)).to.be.within(450, 500);
  });

  it("puts files that land together into one execution, by window and by number", async () => {
    const graph = await graphOf("prod", { dispatch: "batch", batchMaxFiles: "100", batchWindowSeconds: "30" });
    const result = await simulated(graph, { files: 1000, overSeconds: 1000 });
    // Two readers take turns: each has fifteen files when its window is over.
    expect(result.executions).to.be.within(60, 70);
    expect(result.outcomes.succeeded).to.equal(1000);
    expect(meanOf(result, "batching")).to.be.within(10, 20);
    const full = await simulated(graph, { files: 1000, arrival: burst });
    expect(full.executions).to.equal(10);
  });

  it("has what is over the cap wait without trying", async () => {
    const graph = await graphOf("prod", { maxConcurrentExecutions: "10" });
    const result = await simulated(graph, { files: 100, arrival: burst });
    expect(result.outcomes.succeeded).to.equal(100);
    expect(result.peaks.executions).to.equal(10);
    expect(result.retries).to.equal(0);
    // Ten at a time, seventy seconds each.
    expect(result.latency.max).to.equal(700);
    expect(result.bottleneck?.setting).to.include({ key: "maxConcurrentExecutions", now: "10" });
  });

  it("hears of a run's end by an event, without looking", async () => {
    const graph = await graphOf("prod", { completion: "event" });
    const result = await simulated(graph, { files: 10, overSeconds: 100 });
    expect(result.latency).to.include({ min: 70, max: 70 });
    expect(result.outcomes.succeeded).to.equal(10);
  });

  it("refuses a stack without a state machine", async () => {
    const graph = await graphOf("prod", { dispatch: "direct" });
    let refusal: unknown;
    await simulated(graph, {}).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(CapacityError);
    expect(String(refusal)).to.match(
      /dispatch direct cannot be simulated; set glue-pipeline:dispatch to per-file or batch/,
    );
  });
});
