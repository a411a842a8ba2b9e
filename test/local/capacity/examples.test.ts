import { join } from "node:path";
import { expect } from "chai";
import { CapacityError } from "../../../local/capacity/program.ts";
import { defaultQuotas } from "../../../local/capacity/quotas.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { meanOf, simulated } from "../../support/capacity/simulated.ts";
import { graphOf, graphsOf, projectDirectory } from "../../support/stacks.ts";

const exampleOf = (name: string) => graphsOf(join(projectDirectory, "examples", name))("prod");

const withMachineType = (graph: ResourceGraph, type: string): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    resource.type === "aws:sfn/stateMachine:StateMachine"
      ? { ...resource, properties: { ...resource.properties, type } }
      : resource,
  ),
});

describe("A capacity simulation of an example", () => {
  it("has the runs of stages come one after the other", async () => {
    const result = await simulated(await exampleOf("data-lake"), { files: 3, overSeconds: 3000 });
    expect(result.outcomes.succeeded).to.equal(3);
    expect(result.jobRuns).to.equal(9);
    expect(result.retries).to.equal(0);
    expect(meanOf(result, "running")).to.equal(3 * 60);
    expect(meanOf(result, "starting up")).to.equal(3 * 10);
  });

  it("has the runs of branches go on side by side, and names the job that holds them up", async () => {
    const graph = await exampleOf("cost");
    const alone = await simulated(graph, {});
    expect(alone.jobRuns).to.equal(7);
    expect(alone.peaks.jobRuns).to.equal(7);
    expect(meanOf(alone, "running")).to.equal(60);
    const { bottleneck } = await simulated(graph, { files: 20, overSeconds: 20 });
    expect(bottleneck?.resource).to.equal("concurrent runs of cost-large");
    expect(bottleneck?.advice).to.equal("Raise maxConcurrentRuns of cost-large to 70 or more");
  });

  it("counts the executions of keepers that a file starts", async () => {
    const { outcomes, cost } = await simulated(await exampleOf("real-time"), { files: 5 });
    expect(outcomes.succeeded).to.equal(5);
    const counted = cost.assumptions.filter((text) => /^5 executions of clicks-(enrich|aggregate)-keeper/.test(text));
    expect(counted).to.have.lengthOf(2);
  });

  it("is refused where a choice depends on what a function answers", async () => {
    let refusal: unknown;
    await simulated(await exampleOf("data-quality"), {}).catch((error: unknown) => (refusal = error));
    expect(refusal).to.be.instanceOf(CapacityError);
    expect(String(refusal)).to.match(/"\$checkSchema\.passed" failed.* What a function or a service answers is not/);
  });
});

describe("The quotas of a program", () => {
  it("are those of its Region, and of express executions where its state machine is one", async () => {
    const ofStart = ({ startExecutionBucket, startExecutionPerSecond }: ReturnType<typeof defaultQuotas>) => [
      startExecutionBucket,
      startExecutionPerSecond,
    ];
    const standard = await graphOf("prod");
    expect(ofStart(defaultQuotas(standard))).to.deep.equal([1300, 300]);
    expect(ofStart(defaultQuotas({ ...standard, region: "eu-central-1" }))).to.deep.equal([800, 150]);
    const express = withMachineType(standard, "EXPRESS");
    expect(ofStart(defaultQuotas(express))).to.deep.equal([6000, 6000]);
    expect(ofStart(defaultQuotas({ ...express, region: "eu-central-1" }))).to.deep.equal([6000, 6000]);
  });
});
