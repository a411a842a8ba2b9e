import { expect } from "chai";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { aSimulation } from "../support/jobs.ts";
import { runPipeline } from "../support/pipeline.ts";
import { graphOf, resourceOf } from "../support/stacks.ts";

const scenarios = [{ match: "*bad*", Return: { JobRunState: "FAILED" as const } }];

const programOf = (stack: string): Promise<ResourceGraph> =>
  graphOf(stack, {
    completion: "sync",
    maxAttempts: "1",
    ...(stack === "local" && { simulatedFailureRate: "0", simulatedScenarios: JSON.stringify(scenarios) }),
  });

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const rolePolicy = "aws:iam/rolePolicy:RolePolicy";

const statementsOf = (graph: ResourceGraph, role: string): readonly Statement[] =>
  (JSON.parse(String(resourceOf(graph, rolePolicy, role).properties.policy)) as { Statement: Statement[] }).Statement;

const withStatements = (graph: ResourceGraph, role: string, Statement: readonly Statement[]): ResourceGraph => {
  const old = resourceOf(graph, rolePolicy, role);
  const policy = JSON.stringify({ Version: "2012-10-17", Statement });
  const changed = { ...old, properties: { ...old.properties, policy } };
  return { ...graph, resources: graph.resources.map((resource) => (resource === old ? changed : resource)) };
};

/** How a file that can succeed and one that cannot have ended. */
const endings = async (graph: ResourceGraph): Promise<string> => {
  const files = [{ key: "incoming/good.csv" }, { key: "incoming/bad.csv" }];
  const { executions } = await runPipeline(graph, files, { simulation: aSimulation({ scenarios }) });
  return executions.map(({ status, error = "" }) => `${status} ${error}`.trim()).join(", ");
};

const asMeant = "SUCCEEDED, FAILED JobRun.FAILED";

describe("The permissions of a task that waits for its run", () => {
  it("are those that Step Functions asks for, on the one job", async () => {
    const graph = await programOf("prod");
    const { Action, Resource } = statementsOf(graph, "csv").find(({ Sid }) => Sid === "StartJobRun") ?? {};
    expect(Action).to.deep.equal(["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]);
    expect(Resource).to.deep.equal([resourceOf(graph, "aws:glue/job:Job", "csv-job").properties.arn]);
  });

  for (const stack of ["local", "prod"]) {
    it(`leave nothing out on the ${stack} stack`, async () => {
      expect(await endings(await programOf(stack))).to.equal(asMeant);
    });
  }

  for (const action of ["glue:StartJobRun", "glue:GetJobRun"]) {
    it(`need ${action} of a real job`, async () => {
      const graph = await programOf("prod");
      const without = statementsOf(graph, "csv").map((statement) => ({
        ...statement,
        Action: statement.Action.filter((name) => name !== action),
      }));
      expect(await endings(withStatements(graph, "csv", without))).not.to.equal(asMeant);
    });
  }

  it("need each statement of the function that stands for Glue", async () => {
    const graph = await programOf("local");
    const all = statementsOf(graph, "csv-job-run");
    const needed: string[] = [];
    for (const { Sid } of all) {
      const rest = all.filter((statement) => statement.Sid !== Sid);
      if ((await endings(withStatements(graph, "csv-job-run", rest))) !== asMeant) needed.push(Sid);
    }
    expect(needed).to.deep.equal(all.map(({ Sid }) => Sid).filter((sid) => sid !== "WriteLog"));
    expect(needed).to.include.members(["WriteRuns", "InvokeStandIn"]);
  });
});
