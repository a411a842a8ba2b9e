import { expect } from "chai";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import type { Quotas, Workload } from "../../../local/capacity/workload.ts";
import { simulated } from "../../support/capacity/simulated.ts";
import { withDefinition } from "../../support/capacity/with-definition.ts";
import { graphOf } from "../../support/stacks.ts";
import { machineOf, scope, type States, task, wait } from "../states/harness.ts";

/** What a definition does in the place of the program's own. */
const simulate = async (
  states: States,
  workload: Partial<Workload> = {},
  quotas: Partial<Quotas> = {},
): Promise<CapacityResult> =>
  simulated(
    withDefinition(await graphOf("prod"), () => JSON.stringify(machineOf(states))),
    workload,
    quotas,
  );

const sumOf = ({ phases }: CapacityResult): number => phases.reduce((sum, { mean }) => sum + mean, 0);

const job = "{% $states.input.jobName %}";
const run = { Resource: "arn:aws:states:::glue:startJobRun.sync", Arguments: { JobName: job } };
const start = { Resource: "arn:aws:states:::aws-sdk:glue:startJobRun", Arguments: { JobName: job } };

const map = (items: number, MaxConcurrency: number, inner: States): States => ({
  Each: {
    Type: "Map",
    Items: Array.from({ length: items }, (_, index) => index),
    MaxConcurrency,
    ItemProcessor: scope(inner),
    End: true,
  },
});

describe("A capacity simulation of branches", () => {
  it("takes as long as the longest of them", async () => {
    const branches = [10, 25, 5].map((seconds) => scope({ [`Wait ${seconds}`]: wait(seconds) }));
    const result = await simulate({ Beside: { Type: "Parallel", Branches: branches, End: true } }, { files: 3 });
    expect(result.latency).to.include({ min: 25, max: 25 });
    expect(result.transitions).to.equal(3 * 4);
    expect(sumOf(result)).to.be.closeTo(25, 1e-9);
  });

  it("has as many iterations at once as a Map says, and each after those before it", async () => {
    const result = await simulate(map(5, 2, { In: wait(10) }));
    expect(result.latency.max).to.equal(30);
    expect(result.transitions).to.equal(6);
    expect(sumOf(result)).to.be.closeTo(30, 1e-9);
  });

  it("has iterations wait for the places of the job, all of whose runs are billed", async () => {
    // Seventy seconds hold a place; the sixth looks of Step Functions come two minutes after each start.
    const graph = withDefinition(await graphOf("prod", { maxConcurrentRuns: "2" }), () =>
      JSON.stringify(machineOf(map(6, 6, { Run: task({ ...run, Arguments: { JobName: "csv-job" } }) }))),
    );
    const result = await simulated(graph, {});
    expect(result.jobRuns).to.equal(6);
    expect(result.peaks).to.include({ jobRuns: 2, waitingForRun: 4 });
    // The last two begin after 140 s and end after 210 s.
    expect(result.latency.max).to.equal(240);
    expect(result.cost.services.Glue).to.be.closeTo(6 * 2 * (60 / 3600) * 0.44, 1e-12);
    expect(sumOf(result)).to.be.closeTo(240, 1e-9);
  });

  it("ends the others with the first that fails, and stops the runs that they wait for", async () => {
    const states: States = {
      Beside: {
        Type: "Parallel",
        Branches: [
          scope({ Run: task({ ...run, Arguments: { JobName: "csv-job" } }) }),
          scope({ Pause: { Type: "Wait", Seconds: 30, Next: "Fail" }, Fail: { Type: "Fail", Error: "Enough" } }),
        ],
        End: true,
      },
    };
    const result = await simulate(states, { files: 2 });
    expect(result.latency).to.include({ min: 30, max: 30 });
    expect(result.failures).to.deep.equal([{ error: "Enough", files: 2 }]);
    // Twenty seconds, and what it takes to stop, are a minute on the bill.
    expect(result.cost.services.Glue).to.be.closeTo(2 * 2 * (60 / 3600) * 0.44, 1e-12);
  });
});

describe("A capacity simulation of retries", () => {
  const retrying = (retry: object): States => ({
    Start: task({ ...start, Arguments: { JobName: "csv-job" }, Retry: [{ ErrorEquals: ["States.ALL"], ...retry }] }),
  });
  const three = { files: 3, arrival: { kind: "burst", bursts: 1 } } as const;

  it("waits as the retrier says, and charges each try of a throttled call", async () => {
    // A start each ten seconds: tries come after 4 s, 8 s more and, as the delay may be no longer, 8 s more.
    const states = retrying({ IntervalSeconds: 4, BackoffRate: 3, MaxDelaySeconds: 8, MaxAttempts: 5 });
    const result = await simulate(states, { files: 2, overSeconds: 0 }, { startJobRunPerSecond: 1 });
    expect(result.latency).to.include({ min: 0, max: 4 });
    expect(result.retries).to.equal(1);
    expect(result.transitions).to.equal(3);
    expect(result.throttles).to.deep.equal([{ service: "Glue", error: "StartJobRun: ThrottlingException", count: 1 }]);
  });

  it("backs off up to the longest delay", async () => {
    const graph = withDefinition(await graphOf("prod", { maxConcurrentRuns: "1", jobRunQueuing: "false" }), () =>
      JSON.stringify(machineOf(retrying({ IntervalSeconds: 4, BackoffRate: 3, MaxDelaySeconds: 30, MaxAttempts: 20 }))),
    );
    const result = await simulated(graph, { files: 2 });
    // The first has its place for 70 s. The other tries after 4, 16, 46 and 76 s.
    expect(result.latency).to.include({ min: 0, max: 76 });
    expect(result.retries).to.equal(4);
    expect(result.transitions).to.equal(2 + 4);
  });

  it("fails with the error of the last try", async () => {
    const states = retrying({ IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2 });
    const result = await simulate(states, three, { startJobRunPerSecond: 0.01 });
    expect(result.outcomes).to.include({ succeeded: 0, failed: 3 });
    expect(result.failures).to.deep.equal([{ error: "Glue.GlueException", files: 3 }]);
    expect(result.latency.max).to.equal(2);
    expect(result.transitions).to.equal(3 * 3);
  });

  it("spreads tries by jitter: anywhere before the delay is over", async () => {
    const states = retrying({ IntervalSeconds: 10, MaxAttempts: 9, JitterStrategy: "FULL" });
    const workload = { files: 300, arrival: { kind: "burst", bursts: 1 } } as const;
    const { latency, outcomes } = await simulate(states, workload, { startJobRunPerSecond: 100 });
    expect(outcomes.succeeded).to.equal(300);
    expect(latency.p90).to.be.within(8, 10);
    expect(latency.max).to.be.below(20);
  });
});

describe("A capacity simulation of failing runs", () => {
  it("bills runs that fail, and tells their files apart by the error", async () => {
    const graph = await graphOf("prod", { maxConcurrentRuns: "1000" });
    const workload = { files: 400, overSeconds: 4000 };
    const model = { fixed: 600, perFile: 0, perMiB: 0, sigma: 0, startUp: 10, failureRate: 0.5 };
    const result = await simulated(graph, { ...workload, duration: model });
    // Three tries: an eighth of the files fails.
    expect(result.outcomes.failed / 400).to.be.within(0.08, 0.17);
    expect(result.failures).to.deep.equal([{ error: "JobRun.FAILED", files: result.outcomes.failed }]);
    expect(result.jobRuns / 400).to.be.within(1.65, 1.85);
    expect(result.retries).to.equal(result.jobRuns - 400);
    // A run that fails does so after half of its work in the mean: 300 s.
    const failing = result.jobRuns - result.outcomes.succeeded;
    const glue = ((600 * result.outcomes.succeeded + 300 * failing) * 2 * 0.44) / 3600;
    expect((result.cost.services.Glue ?? 0) / glue).to.be.within(0.95, 1.05);
  });
});

describe("A capacity simulation of other executions", () => {
  const keeper = "arn:aws:states:us-east-1:000000000000:stateMachine:keeper";
  const nested: States = {
    Keep: task({
      Resource: "arn:aws:states:::states:startExecution",
      Arguments: { StateMachineArn: keeper, Input: {} },
    }),
  };

  it("starts those that nobody waits for, and says that it leaves out what they do", async () => {
    const { latency, cost, outcomes } = await simulate(nested, { files: 7 });
    expect(outcomes.succeeded).to.equal(7);
    expect(latency.max).to.equal(0);
    expect(cost.assumptions).to.include(
      "7 executions of keeper were started; what they do, take and cost is not included",
    );
  });

  it("counts their starts as StartExecution, which may be throttled", async () => {
    const workload = { files: 10, arrival: { kind: "burst", bursts: 1 } } as const;
    const quotas = { startExecutionBucket: 15, startExecutionPerSecond: 0.001 };
    const { outcomes, failures } = await simulate(
      { Pause: { Type: "Wait", Seconds: 5, Next: "Keep" }, ...nested },
      workload,
      quotas,
    );
    expect(outcomes).to.include({ succeeded: 5, failed: 5 });
    expect(failures).to.deep.equal([{ error: "StepFunctions.AWSStepFunctionsException", files: 5 }]);
  });
});
