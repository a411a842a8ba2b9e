import { expect } from "chai";
import type { JobRun } from "@aws-sdk/client-glue";
import { ASSUMED_BILLED_MS, costOf, costOfJobRun } from "../../local/cost.ts";

const run = (more: Partial<JobRun>): JobRun => ({
  Id: "jr_1",
  JobRunState: "SUCCEEDED",
  GlueVersion: "5.1",
  WorkerType: "G.1X",
  NumberOfWorkers: 6,
  ExecutionTime: 15 * 60,
  ...more,
});

const cents = (more: Partial<JobRun>): number => Math.round((costOfJobRun(run(more)) ?? NaN) * 1e6) / 1e4;

describe("costOfJobRun", () => {
  it("is 66 cents for six DPUs over a quarter of an hour", () => {
    expect(cents({})).to.equal(66);
  });

  it("multiplies workers by what each is worth", () => {
    expect(cents({ WorkerType: "G.8X", NumberOfWorkers: 2, ExecutionTime: 3600 })).to.equal(704);
    expect(cents({ WorkerType: "G.025X", NumberOfWorkers: 4, ExecutionTime: 3600 })).to.equal(44);
  });

  it("charges a minute at the least", () => {
    expect(costOfJobRun(run({ ExecutionTime: 12 }))).to.equal(costOfJobRun(run({ ExecutionTime: 60 })));
  });

  it("charges nothing for a run that never came to run", () => {
    expect(cents({ JobRunState: "EXPIRED", ExecutionTime: 0 })).to.equal(0);
    expect(cents({ JobRunState: "STARTING", ExecutionTime: undefined })).to.equal(0);
  });

  it("is cheaper from Glue 6.0 on", () => {
    expect(cents({ GlueVersion: "6.0" })).to.equal(46.2);
  });

  it("takes the rate of memory-optimised workers", () => {
    expect(cents({ WorkerType: "R.1X" })).to.equal(78);
  });

  it("takes the DPU-seconds that Glue reports for FLEX and auto-scaled runs", () => {
    expect(cents({ ExecutionClass: "FLEX", DPUSeconds: 3600 })).to.equal(29);
    expect(cents({ DPUSeconds: 1800 })).to.equal(22);
  });

  it("charges a Python shell job by its share of a DPU", () => {
    const shell: JobRun = { Id: "jr_1", JobRunState: "SUCCEEDED", GlueVersion: "3.0", ExecutionTime: 3600 };
    expect(costOfJobRun({ ...shell, MaxCapacity: 0.0625 })).to.be.closeTo(0.0275, 1e-9);
    expect(costOfJobRun({ ...shell, MaxCapacity: 1 })).to.be.closeTo(0.44, 1e-9);
    expect(costOfJobRun(shell)).to.be.closeTo(0.0275, 1e-9);
  });

  it("knows no price of a worker type that it does not know", () => {
    const strange = JSON.parse('{"Id":"jr_9","WorkerType":"Q.1X","ExecutionTime":60}') as JobRun;
    expect(costOfJobRun(strange)).to.equal(undefined);
  });
});

describe("costOf", () => {
  it("splits the total by service", () => {
    const cost = costOf({
      jobRuns: [run({})],
      transitions: 4000,
      invocations: [{ memoryMb: 1024, architecture: "arm64" }],
    });
    const lambda = 0.2 / 1e6 + (ASSUMED_BILLED_MS / 1000) * 0.0000133334;
    expect(cost).to.deep.include({ currency: "USD", glue: 0.66, stepFunctions: 0.1 });
    expect(cost.lambda).to.be.closeTo(lambda, 1e-9);
    expect(cost.total).to.be.closeTo(0.76 + lambda, 1e-9);
  });

  it("charges express executions by number, time and memory", () => {
    const cost = costOf({ jobRuns: [], transitions: 0, invocations: [], expressExecutions: [{ durationMs: 1050 }] });
    expect(cost.stepFunctions).to.be.closeTo(1e-6 + 1.1 * (64 / 1024) * 0.00001667, 1e-9);
  });

  it("leaves out what it knows no price of, and says so", () => {
    const strange = JSON.parse('{"Id":"jr_9","WorkerType":"Q.1X","ExecutionTime":60}') as JobRun;
    const cost = costOf({ jobRuns: [run({}), strange], transitions: 0, invocations: [] });
    expect(cost.glue).to.equal(0.66);
    expect(cost.assumptions).to.include("no price is known for worker type Q.1X: its runs are not included");
  });

  it("says what it rests on", () => {
    expect(costOf({ jobRuns: [], transitions: 0, invocations: [] }).assumptions.join("; ")).to.include("free tiers");
  });

  it("charges each shard of a stream for the hours begun, and more for keeping records longer than a day", () => {
    const nothing = { jobRuns: [], transitions: 0, invocations: [] };
    const day = { shards: 2, retentionHours: 24, durationMs: 60_000 };
    expect(costOf({ ...nothing, streams: [day] })).to.deep.include({ kinesis: 0.03, total: 0.03 });
    expect(costOf({ ...nothing, streams: [{ ...day, durationMs: 3_600_001 }] }).kinesis).to.equal(0.06);
    expect(costOf({ ...nothing, streams: [{ ...day, retentionHours: 168 }] }).kinesis).to.equal(0.07);
    expect(costOf({ ...nothing, streams: [day] }).assumptions.join("; ")).to.include("Kinesis bills each shard");
    expect(costOf(nothing)).not.to.have.property("kinesis");
  });
});
