import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { runPipeline } from "../support/pipeline.ts";
import { graphOf, resourceOf } from "../support/stacks.ts";

const simulation: Simulation = {
  seed: 1,
  startUpSeconds: 1,
  durationSeconds: 1,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [{ match: "*bad*", Return: { JobRunState: "FAILED", ErrorMessage: "out of disk" } }],
};

describe("A pipeline that is observed", () => {
  it("hears from Glue of each job run that failed, and goes on whoever is subscribed", async () => {
    const graph = await graphOf("prod", {
      maxAttempts: "2",
      failureSubscribers: '["arn:aws:sqs:us-east-1:123456789012:somebody-elses","data@example.com"]',
    });
    const run = await runPipeline(graph, [{ key: "incoming/bad.csv" }, { key: "incoming/good.csv" }], { simulation });
    expect(run.executions.map(({ status }) => status)).to.have.members(["FAILED", "SUCCEEDED"]);
    const { name } = resourceOf(graph, "aws:lambda/function:Function", "csv-job-runs").properties;
    const heard = run.events.flatMap((event) =>
      event.kind === "function-log" && event.functionName === name ? [event.entry] : [],
    );
    expect(heard).to.have.length(2);
    for (const entry of heard) {
      expect(entry).to.include({ type: "Glue Job State Change", state: "FAILED", message: "out of disk" });
    }
    expect(run.events.filter(({ kind }) => kind === "function-failed")).to.deep.equal([]);
  });
});
