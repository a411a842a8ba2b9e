import { expect } from "chai";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { declaredBy, violationsIn } from "../support/policies.ts";
import { resourceOf, resourcesOf } from "../support/stacks.ts";
import { stagesGraphOf } from "../support/staged.ts";
import { runPipeline } from "../support/pipeline.ts";

const environmentOf = (graph: ResourceGraph, name: string): Readonly<Record<string, string>> => {
  const { environment } = resourceOf(graph, "aws:lambda/function:Function", name).properties;
  return (environment as { variables: Record<string, string> }).variables;
};

const jobNamesOf = (graph: ResourceGraph) => graph.outputs.jobNames as Readonly<Record<string, string>>;

describe("GluePipeline with stages", () => {
  it("has a job for each stage, named after it, and tells their names by stage", async () => {
    const graph = await stagesGraphOf("prod");
    const jobs = resourcesOf(graph, "aws:glue/job:Job");
    expect(jobs.map(({ name }) => name)).to.have.members(["flow-clean", "flow-totals", "flow-convert", "flow-publish"]);
    expect(Object.values(jobNamesOf(graph))).to.have.members(jobs.map(({ properties }) => properties.name));
  });

  it("encrypts what all jobs write under one security configuration", async () => {
    const graph = await stagesGraphOf("prod");
    const [configuration, ...others] = resourcesOf(graph, "aws:glue/securityConfiguration:SecurityConfiguration");
    expect(others).to.deep.equal([]);
    const used = resourcesOf(graph, "aws:glue/job:Job").map(({ properties }) => properties.securityConfiguration);
    expect(new Set(used)).to.deep.equal(new Set([configuration?.properties.name]));
  });

  it("breaks no policy of the pack but for what the program makes itself", async () => {
    const found = violationsIn(declaredBy(await stagesGraphOf("prod")));
    expect(found.filter((violation) => !violation.includes(": reference: "))).to.deep.equal([]);
  });

  it("hears of all jobs' runs, and shows each job", async () => {
    const graph = await stagesGraphOf("prod");
    const rule = resourceOf(graph, "aws:cloudwatch/eventRule:EventRule", "flow-job-runs-failed").properties;
    const { detail } = JSON.parse(String(rule.eventPattern)) as { detail: { jobName: string[] } };
    expect(detail.jobName).to.have.members(Object.values(jobNamesOf(graph)));
    const body = String(resourceOf(graph, "aws:cloudwatch/dashboard:Dashboard", "flow").properties.dashboardBody);
    const widgets = (JSON.parse(body) as { widgets: { properties: { title: string } }[] }).widgets;
    expect(widgets.map(({ properties }) => properties.title)).to.include.members([
      "Job runs",
      "Clean: runs",
      "Totals: workers",
      "Publish: rows and bytes read",
    ]);
  });

  it("gives the dispatcher no job, as the machine names its jobs itself", async () => {
    expect(environmentOf(await stagesGraphOf("local"), "flow-dispatcher")).to.have.all.keys("STATE_MACHINE_ARN");
  });

  for (const stack of ["local", "prod"]) {
    it(`keeps within what an environment has room for on the ${stack} stack`, async () => {
      const graph = await stagesGraphOf(stack);
      for (const name of ["flow-stop-job-runs", "flow-interruptions"]) {
        const variables = Object.entries(environmentOf(graph, name));
        expect(Object.keys(JSON.parse(String(environmentOf(graph, name).JOBS)) as object)).to.have.length(4);
        expect(Buffer.byteLength(variables.flat().join(""))).to.be.lessThan(4096);
      }
    });
  }

  it("runs one stage for real beside simulated ones where its stack says so, each of a size of its own", async () => {
    const graph = await stagesGraphOf("local", {
      stages: JSON.stringify({
        Totals: { mode: "real", workerType: "G.2X", numberOfWorkers: 10 },
        Publish: { timeoutMinutes: 7 },
      }),
    });
    const [job, ...others] = resourcesOf(graph, "aws:glue/job:Job");
    expect(others).to.deep.equal([]);
    expect(job?.properties).to.include({ workerType: "G.2X", numberOfWorkers: 10, timeout: 60 });
    const publish = JSON.parse(String(environmentOf(graph, "flow-publish-start").JOB)) as object;
    expect(publish).to.include({ Timeout: 7, NumberOfWorkers: 2 });
    const { executions } = await runPipeline(graph, [{ key: "incoming/a.csv", body: "file" }]);
    expect(executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
  });
});
