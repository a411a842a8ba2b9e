import { expect } from "chai";
import { aDuration, noTime, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

describe("The bill of a capacity simulation", () => {
  it("is $0.66 for six DPUs for a quarter of an hour", async () => {
    const graph = await graphOf("prod", { workerType: "G.1X", numberOfWorkers: "6" });
    const { cost } = await simulated(graph, { duration: aDuration({ fixed: 900 }) });
    expect(cost.services.Glue).to.be.closeTo(0.66, 1e-12);
  });

  it("is that of a whole pipeline, counted by hand", async () => {
    // Sixty seconds after ten of start-up, looked at each five seconds: the fourteenth look sees the end.
    const graph = await graphOf("prod", { maxConcurrentRuns: "100" });
    const { cost, transitions } = await simulated(
      graph,
      { files: 1000, overSeconds: 1000 },
      {},
      { ...noTime, lambda: 0.1 },
    );
    // Validate, StartJobRun, 14 × (WaitForJobRun, GetJobRun, CheckJobRun), NotifySucceeded, Succeeded
    expect(transitions).to.equal(1000 * (2 + 14 * 3 + 2));
    const glue = 1000 * 2 * (60 / 3600) * 0.44;
    const stepFunctions = 46_000 * 0.000025;
    const lambda = 1000 * (0.0000002 + (256 / 1024) * 0.1 * 0.0000133334);
    const sns = 1000 * 0.0000005;
    expect(cost.services.Glue).to.be.closeTo(glue, 1e-9);
    expect(cost.services["Step Functions"]).to.be.closeTo(stepFunctions, 1e-9);
    expect(cost.services.Lambda).to.be.closeTo(lambda, 1e-9);
    expect(cost.services.SNS).to.be.closeTo(sns, 1e-9);
    expect(cost.total).to.be.closeTo(glue + stepFunctions + lambda + sns, 1e-9);
    expect(cost.perThousandFiles).to.be.closeTo(cost.total, 1e-9);
  });

  it("has a minute for a short run, and FLEX's price by the second", async () => {
    const short = { duration: aDuration({ fixed: 30 }) };
    const standard = await simulated(await graphOf("prod"), short);
    expect(standard.cost.services.Glue).to.be.closeTo((2 * 60 * 0.44) / 3600, 1e-12);
    const flex = await simulated(await graphOf("prod", { executionClass: "FLEX", jobRunQueuing: "false" }), short);
    expect(flex.cost.services.Glue).to.be.closeTo((2 * 30 * 0.29) / 3600, 1e-12);
    const waits = "runs of csv-job start up at once; AWS may have FLEX wait for spare capacity";
    expect(flex.cost.assumptions).to.include(waits);
    expect(standard.cost.assumptions).not.to.include(waits);
  });
});
