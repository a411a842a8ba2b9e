import { expect } from "chai";
import fc from "fast-check";
import type { JobRunState } from "@aws-sdk/client-glue";
import {
  canBeStopped,
  describeRun,
  isSettled,
  isWorkDue,
  plannedEnd,
  progress,
} from "../../../functions/lib/job-run.ts";
import type { JobRunRecord } from "../../../functions/lib/job-run.ts";
import { planRun } from "../../../functions/lib/job-run-plan.ts";
import { aRun, aSimulation, start } from "../../support/jobs.ts";

const plan = { JobRunState: "SUCCEEDED", startUp: 8000, running: 12_500, allWork: 12_500, stopping: 3000 } as const;

function stateAt(run: JobRunRecord, seconds: number): JobRunState | undefined {
  return describeRun(run, start + seconds * 1000).JobRunState;
}

describe("describeRun", () => {
  it("tells a finished run in the shape that Glue gives it", () => {
    expect(describeRun(aRun(), start + 60_000)).to.deep.equal({
      Id: `jr_${"0".repeat(64)}`,
      Attempt: 0,
      JobName: "process-csv",
      JobMode: "SCRIPT",
      JobRunQueuingEnabled: false,
      StartedOn: new Date(start),
      LastModifiedOn: new Date(start + 20_500),
      CompletedOn: new Date(start + 20_500),
      JobRunState: "SUCCEEDED",
      Arguments: { "--key": "incoming/orders.csv" },
      PredecessorRuns: [],
      AllocatedCapacity: 2,
      ExecutionTime: 12,
      Timeout: 60,
      MaxCapacity: 2,
      WorkerType: "G.1X",
      NumberOfWorkers: 2,
      LogGroupName: "/aws-glue/jobs",
      GlueVersion: "5.1",
      ExecutionClass: "STANDARD",
    });
  });

  it("goes from STARTING over RUNNING to SUCCEEDED, start-up not counted as execution time", () => {
    const states = [0, 7.999, 8, 20.499, 20.5].map((seconds) => stateAt(aRun(), seconds));
    expect(states).to.deep.equal(["STARTING", "STARTING", "RUNNING", "RUNNING", "SUCCEEDED"]);
    const starting = describeRun(aRun(), start + 5000);
    expect(starting.ExecutionTime).to.equal(0);
    expect(starting).not.to.have.property("CompletedOn");
    expect(describeRun(aRun(), start + 10_900).ExecutionTime).to.equal(2);
  });

  it("waits while all places are taken, and says why", () => {
    const run = aRun({ beginsAt: start + 10_000 });
    expect(stateAt(run, 9.9)).to.equal("WAITING");
    expect(describeRun(run, start).StateDetail).to.contain("maximum of concurrent runs");
    expect(stateAt(run, 10)).to.equal("STARTING");
    expect(describeRun(run, start + 10_000)).not.to.have.property("StateDetail");
    expect(stateAt(run, 30.5)).to.equal("SUCCEEDED");
  });

  it("lets a run expire out of WAITING without having executed", () => {
    const run = aRun({ plan: { ...plan, JobRunState: "EXPIRED" } });
    expect(describeRun(run, start + 12_000)).to.include({
      JobRunState: "WAITING",
      StateDetail: "Waiting for resources",
    });
    expect(describeRun(run, start + 12_500)).to.include({ JobRunState: "EXPIRED", ExecutionTime: 0 });
  });

  it("tells the error message of a run that failed, and only when it has", () => {
    const run = aRun({ plan: { ...plan, JobRunState: "FAILED", ErrorMessage: "no such column", running: 5000 } });
    expect(describeRun(run, start + 12_999)).not.to.have.property("ErrorMessage");
    expect(describeRun(run, start + 13_000)).to.include({ JobRunState: "FAILED", ErrorMessage: "no such column" });
  });

  for (const state of ["TIMEOUT", "ERROR"] as const) {
    it(`ends as ${state} when that is the plan`, () => {
      expect(stateAt(aRun({ plan: { ...plan, JobRunState: state } }), 20.5)).to.equal(state);
    });
  }

  it("goes over STOPPING to STOPPED when that is the plan", () => {
    const run = aRun({ plan: { ...plan, JobRunState: "STOPPED", running: 5000 } });
    expect([12.9, 13, 15.9, 16].map((at) => stateAt(run, at))).to.deep.equal([
      "RUNNING",
      "STOPPING",
      "STOPPING",
      "STOPPED",
    ]);
    expect(canBeStopped(run, start + 14_000)).to.equal(true);
    const again = { ...run, stopRequestedAt: start + 14_000 };
    expect(describeRun(again, start + 16_000)).to.deep.equal(describeRun(run, start + 16_000));
  });

  it("goes over STOPPING to STOPPED from where a stop met it", () => {
    const starting = aRun({ stopRequestedAt: start + 1000 });
    expect([0.9, 1, 3.9, 4].map((at) => stateAt(starting, at))).to.deep.equal([
      "STARTING",
      "STOPPING",
      "STOPPING",
      "STOPPED",
    ]);
    expect(describeRun(starting, start + 60_000)).to.include({ ExecutionTime: 0 });
    const running = describeRun(aRun({ stopRequestedAt: start + 10_000 }), start + 60_000);
    expect(running.CompletedOn).to.deep.equal(new Date(start + 13_000));
    expect(running.ExecutionTime).to.equal(5);
  });

  it("is stopped no later than it would have ended, so that its place is not held for longer", () => {
    const run = aRun({ stopRequestedAt: start + 20_000 });
    expect(describeRun(run, start + 60_000).CompletedOn).to.deep.equal(new Date(start + 20_500));
  });

  it("takes no notice of a stop that came after the end", () => {
    expect(stateAt(aRun({ stopRequestedAt: start + 20_500 }), 60)).to.equal("SUCCEEDED");
    expect(canBeStopped(aRun(), start + 20_500)).to.equal(false);
    expect(canBeStopped(aRun(), start + 20_499)).to.equal(true);
  });

  it("keeps a run in RUNNING until its work is done, and ends it when it was to end", () => {
    const run = aRun({ hasWork: true });
    expect(isWorkDue(run, start + 20_499)).to.equal(false);
    expect(isWorkDue(run, start + 20_500)).to.equal(true);
    expect(describeRun(run, start + 90_000)).to.include({ JobRunState: "RUNNING", ExecutionTime: 12 });
    const done = describeRun({ ...run, outcome: { JobRunState: "SUCCEEDED" } }, start + 90_000);
    expect(done.CompletedOn).to.deep.equal(new Date(start + 20_500));
    const failed = { ...run, outcome: { JobRunState: "FAILED", ErrorMessage: "binary file" } } as const;
    expect(describeRun(failed, start + 90_000)).to.include({ JobRunState: "FAILED", ErrorMessage: "binary file" });
  });

  it("counts DPU seconds where the size varies or capacity is spare", () => {
    const { details } = aRun();
    const flex = aRun({ details: { ...details, ExecutionClass: "FLEX" } });
    expect(describeRun(flex, start + 60_000).DPUSeconds).to.equal(24);
    expect(describeRun(flex, start + 15_000)).not.to.have.property("DPUSeconds");
    const scaled = aRun({ details: { ...details, Arguments: { "--enable-auto-scaling": "true" } } });
    expect(describeRun(scaled, start + 60_000).DPUSeconds).to.equal(24);
  });

  it("tells the first state to a clock that is late", () => {
    expect(stateAt(aRun(), -1)).to.equal("STARTING");
  });
});

describe("progress", () => {
  it("follows the time spent running", () => {
    expect([0, 8, 14.25, 20.5, 99].map((at) => progress(aRun(), start + at * 1000))).to.deep.equal([0, 0, 0.5, 1, 1]);
  });

  it("stays where a run failed", () => {
    const run = aRun({ plan: { ...plan, JobRunState: "FAILED", running: 5000 } });
    expect(progress(run, start + 60_000)).to.equal(0.4);
  });

  it("is all or nothing for a run without duration", () => {
    const run = aRun({ plan: { ...plan, running: 0, allWork: 0 } });
    expect(progress(run, start)).to.equal(0);
    expect(progress(run, start + 60_000)).to.equal(1);
  });
});

describe("A run's status", () => {
  const order = (state: JobRunState | undefined): number =>
    state === undefined ? -1 : isSettled(state) ? 4 : ["WAITING", "STARTING", "RUNNING", "STOPPING"].indexOf(state);

  const runs = fc
    .record({
      seed: fc.nat(),
      startUpSeconds: fc.integer({ min: 0, max: 60 }),
      durationSeconds: fc.integer({ min: 0, max: 7200 }),
      failureRate: fc.constantFrom(0, 0.5, 1),
      forced: fc.option(fc.constantFrom("SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED")),
      queued: fc.integer({ min: 0, max: 1000 }),
      hasWork: fc.boolean(),
      stop: fc.option(fc.double({ min: 0, max: 1.2, noNaN: true })),
      outcome: fc.constantFrom("SUCCEEDED" as const, "FAILED" as const),
    })
    .map(({ forced, queued, hasWork, stop, outcome, ...times }) => {
      const args: Record<string, string> = forced === null ? {} : { "--simulated_state": forced };
      const drawn = planRun({ id: "jr_1", args, timeout: 60, simulation: aSimulation(times) });
      const run = aRun({ plan: drawn, beginsAt: start + queued, hasWork });
      const end = plannedEnd(run);
      const at = stop === null ? undefined : Math.round(start + (end - start) * stop);
      const stopped = at !== undefined && canBeStopped(run, at) ? { ...run, stopRequestedAt: at } : run;
      return { run: stopped, end, outcome };
    });

  it("never goes back, whatever the polling, and asking does not change it", () => {
    fc.assert(
      fc.property(runs, fc.array(fc.double({ min: 0, max: 1.5, noNaN: true })), ({ run, end, outcome }, polls) => {
        let record: JobRunRecord = run;
        let before = { rank: -1, time: -1, progress: -1, modified: -1 };
        let told: JobRunState | undefined;
        for (const poll of polls.toSorted((a, b) => a - b)) {
          const now = Math.round(start + (end - start) * poll);
          if (isWorkDue(record, now)) record = { ...record, outcome: { JobRunState: outcome } };
          const answer = describeRun(record, now);
          expect(answer).to.deep.equal(describeRun(record, now));
          const rank = order(answer.JobRunState);
          const after = {
            rank,
            time: answer.ExecutionTime ?? -1,
            progress: progress(record, now),
            modified: answer.LastModifiedOn?.getTime() ?? -1,
          };
          for (const name of ["rank", "time", "progress", "modified"] as const) {
            expect(after[name], name).to.be.at.least(before[name]);
          }
          if (before.rank === 4) expect(answer.JobRunState).to.equal(told);
          told = answer.JobRunState;
          before = after;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
