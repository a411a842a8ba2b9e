import { expect } from "chai";
import { aSimulation } from "../support/jobs.ts";
import { jobRunsIn, runPipeline } from "../support/pipeline.ts";
import { definitionOf, graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const machineType = "aws:sfn/stateMachine:StateMachine";

describe("The pipeline's state machine", () => {
  it("ends an execution that outlives its time-out, and says so", async () => {
    const graph = await graphOf("prod", { executionTimeoutMinutes: "12", giveUpAfterMinutes: "10" });
    expect(definitionOf(graph).TimeoutSeconds).to.equal(720);
    // The second of two runs is the one that the execution has no time for.
    const simulation = aSimulation({
      durationSeconds: 595,
      scenarios: [{ match: "*", attempts: [1], Return: { JobRunState: "EXPIRED" } }],
    });
    const { events } = await runPipeline(graph, [{ key: "incoming/a.csv" }], { simulation });
    const [ended] = events.filter((event) => event.kind === "execution-ended");
    expect(ended?.kind === "execution-ended" && ended.status).to.equal("TIMED_OUT");
    const [started] = events.filter((event) => event.kind === "execution-started");
    expect(Number(ended?.at) - Number(started?.at)).to.equal(720_000);
  });

  it("has room in its time-out for all that its runs may take", async () => {
    expect(definitionOf(await graphOf("prod")).TimeoutSeconds).to.be.within(24 * 3600, 27 * 3600);
  });

  it("may be an express one for runs of a minute", async () => {
    const graph = await graphOf("prod", {
      stateMachineType: "EXPRESS",
      jobTimeoutMinutes: "1",
      giveUpAfterMinutes: "1",
    });
    expect(resourceOf(graph, machineType, "csv").properties.type).to.equal("EXPRESS");
    expect(definitionOf(graph).TimeoutSeconds).to.equal(300);
    const simulation = aSimulation({ scenarios: [{ match: "*", attempts: [1], Return: { JobRunState: "FAILED" } }] });
    const { executions, events } = await runPipeline(graph, [{ key: "incoming/a.csv" }], { simulation });
    expect(executions.map(({ output }) => [output?.outcome, output?.attempts])).to.deep.equal([["succeeded", 2]]);
    expect(jobRunsIn(events)).to.have.length(2);
  });

  it("writes where no landed file is looked for: no role may write to the landing bucket", async () => {
    for (const [stack, completion] of [
      ["local", "poll"],
      ["local", "sync"],
      ["prod", "poll"],
    ] as const) {
      const graph = await graphOf(stack, { completion });
      const landing = String(resourceOf(graph, "aws:s3/bucket:Bucket", "csv-landing").properties.arn);
      const policies = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").map(({ properties }) =>
        String(properties.policy),
      );
      const writing = policies
        .flatMap(
          (policy) => (JSON.parse(policy) as { Statement: { Action: string[]; Resource: string[] }[] }).Statement,
        )
        .filter(({ Action }) => Action.some((action) => /^s3:(Put|\*)/.test(action)));
      expect(writing).not.to.be.empty;
      for (const { Resource } of writing) {
        for (const resource of Resource) expect(resource.startsWith(landing), resource).to.be.false;
      }
    }
  }).timeout(60_000);
});
