import { expect } from "chai";
import { plannedLength, planRun } from "../../../functions/lib/job-run-plan.ts";
import type { PlannedRun, RunPlan } from "../../../functions/lib/job-run-plan.ts";
import { runId } from "../../../functions/lib/run-id.ts";
import type { FinalState } from "../../../functions/lib/job-definition.ts";
import { aSimulation } from "../../support/jobs.ts";

function plan(given: Partial<PlannedRun> = {}): RunPlan {
  return planRun({ id: "jr_1", args: {}, timeout: 60, simulation: aSimulation(), ...given });
}

describe("planRun", () => {
  it("takes the simulation's times as they are", () => {
    expect(plan()).to.include({ JobRunState: "SUCCEEDED", startUp: 8000, running: 12_000, allWork: 12_000 });
  });

  it("takes longer for a larger input", () => {
    const simulation = aSimulation({ secondsPerMiB: 2 });
    expect(plan({ simulation, args: { "--size": "5242880" } }).running).to.equal(22_000);
    expect(plan({ simulation, args: { "--size": "many" } }).running).to.equal(12_000);
  });

  it("gives the same run the same plan, and another seed or run another", () => {
    const simulation = aSimulation({ failureRate: 1 });
    expect(plan({ simulation })).to.deep.equal(plan({ simulation }));
    expect(plan({ simulation }).running).not.to.equal(plan({ simulation, id: "jr_2" }).running);
    expect(plan({ simulation }).running).not.to.equal(plan({ simulation: { ...simulation, seed: 2 } }).running);
  });

  it("fails a run after a part of its work", () => {
    const failed = plan({ simulation: aSimulation({ failureRate: 1 }) });
    expect(failed.JobRunState).to.equal("FAILED");
    expect(failed.ErrorMessage).to.equal("Simulated failure: 1 of all runs fail");
    expect(failed.running).to.be.within(600, 11_400);
  });

  it("ends a run that outlasts its timeout there", () => {
    const simulation = aSimulation({ durationSeconds: 90 });
    expect(plan({ simulation, timeout: 1 })).to.include({ JobRunState: "TIMEOUT", running: 60_000, allWork: 90_000 });
  });

  for (const state of ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"] satisfies FinalState[]) {
    it(`ends as ${state} when a scenario or an argument says so`, () => {
      const scenarios = [{ match: "*.csv", Return: { JobRunState: state, ErrorMessage: "as told" } }];
      const byKey = plan({ simulation: aSimulation({ scenarios, failureRate: 1 }), args: { "--key": "a/b.csv" } });
      expect(byKey).to.include({ JobRunState: state, ErrorMessage: "as told" });
      const byArgument = plan({ args: { "--simulated_state": state } });
      expect(byArgument.JobRunState).to.equal(state);
      const times = { startUp: 8000, running: 5000, allWork: 12_000, stopping: 3000 };
      const length = { EXPIRED: 5000, STOPPED: 16_000 };
      expect(plannedLength({ JobRunState: state, ...times })).to.equal(
        state === "EXPIRED" || state === "STOPPED" ? length[state] : 13_000,
      );
    });
  }

  it("lets a run that is told to time out reach its limit", () => {
    expect(plan({ args: { "--simulated_state": "TIMEOUT" } })).to.include({ running: 3_600_000, allWork: 3_600_000 });
  });

  it("forces a state on the given attempts only", () => {
    const scenarios = [{ match: "*", attempts: [1], Return: { JobRunState: "FAILED" as const } }];
    const simulation = aSimulation({ scenarios });
    expect(plan({ simulation }).JobRunState).to.equal("FAILED");
    expect(plan({ simulation, args: { "--attempt": "1" } }).ErrorMessage).to.contain("told to end as FAILED");
    expect(plan({ simulation, args: { "--attempt": "2" } }).JobRunState).to.equal("SUCCEEDED");
  });

  it("leaves to chance what a scenario throws", () => {
    const scenarios = [{ match: "*", Throw: { Error: "InternalServiceException" } }];
    expect(plan({ simulation: aSimulation({ scenarios }) }).JobRunState).to.equal("SUCCEEDED");
  });

  for (const [seed, failureRate] of [
    [1, 0.2],
    [2, 0.2],
    [42, 0.2],
    [7, 0.01],
    [8, 0.9],
  ] as const) {
    it(`fails ${failureRate} of 10,000 runs with seed ${seed}, within the 99.9 % confidence interval`, () => {
      const simulation = aSimulation({ seed, failureRate });
      let failed = 0;
      for (let n = 0; n < 10_000; n += 1) {
        const id = runId({ seed, jobName: "process-csv", args: { "--key": `${n}.csv` } }, 0);
        if (plan({ id, simulation }).JobRunState === "FAILED") failed += 1;
      }
      const margin = 3.291 * Math.sqrt((failureRate * (1 - failureRate)) / 10_000);
      expect(failed / 10_000).to.be.closeTo(failureRate, margin);
    });
  }
});
