import { expect } from "chai";
import fc from "fast-check";
import { graphOf, resourceOf } from "../support/stacks.ts";
import { runPipeline } from "../support/pipeline.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";

const hour = 3_600_000;

/** How S3 may deliver an event: once or more often, at once or hours later, before or after the events of others. */
const deliveries = fc.array(fc.oneof(fc.constant(0), fc.nat(200), fc.nat(6 * hour)), { minLength: 1, maxLength: 5 });

const keys = fc.constantFrom("a.csv", "b c.csv", "d+é.csv", "e/f.csv", "100%.csv");

const outcomeOf = (execution: { output?: Readonly<Record<string, unknown>> }): unknown => execution.output?.outcome;

describe("Exactly once", () => {
  it("holds for any mix of duplicated, late and reordered events over any keys", async () => {
    const graph = await graphOf("local", { standIn: "false", maxConcurrentRuns: "1000" });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: keys, deliveries }), { minLength: 1, maxLength: 8 }),
        async (files) => {
          const plans = files.map((file) => file.deliveries);
          const run = await runPipeline(
            graph,
            files.map(({ key }) => ({ key: `incoming/${key}` })),
            { deliveries: () => plans.shift() ?? [0] },
          );
          const versions = run.events.flatMap((event) => (event.kind === "object-created" ? [event.versionId] : []));
          expect(versions).to.have.length(files.length);
          expect(run.executions.map(({ input }) => input.arguments.versionId)).to.have.members(versions);
          expect(run.executions.map(({ status, output }) => output?.outcome ?? status)).to.satisfy(
            (outcomes: string[]) => outcomes.every((outcome) => outcome === "succeeded" || outcome === "FAILED"),
          );
          // A file that failed waits in the failure queue.
          expect(run.queue("failures")).to.have.length(
            run.executions.filter(({ status }) => status === "FAILED").length,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("holds on the stack of real jobs too", async () => {
    const graph = await graphOf("prod");
    const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], {
      deliveries: () => [0, 0, 5_000, 2 * hour],
      standIns: false,
    });
    expect(run.executions.map(outcomeOf)).to.deep.equal(["succeeded"]);
    const dispatches = run.events.filter(
      (event) => event.kind === "function-invoked" && event.functionName === graph.outputs.dispatcherName,
    );
    expect(dispatches).to.have.length(4);
  });

  it("loses no event that the dispatcher could not handle: Lambda tries again, then the failure queue keeps it", async () => {
    const graph = without(await graphOf("local"), "csv-dispatcher", "StartExecution");
    const run = await runPipeline(graph, [{ key: "incoming/a.csv" }]);
    expect(run.executions).to.deep.equal([]);
    const [kept, ...others] = run.queue("failures") as Record<string, never>[];
    expect(others).to.deep.equal([]);
    expect(kept).to.have.nested.property("requestContext.approximateInvokeCount", 3);
    expect(kept).to.have.nested.property("requestPayload.Records[0].s3.object.key", "incoming/a.csv");
    expect(JSON.stringify(kept)).to.include("is not authorized to perform: states:StartExecution");
  });

  it("starts the rest of a notification's files, and none of them twice, when one cannot be started", async () => {
    const graph = await graphOf("local", { standIn: "false" });
    const run = await runPipeline(graph, [{ key: "incoming/a.csv" }, { key: "incoming/b.csv" }]);
    const [first, second] = run.events.flatMap((event) =>
      event.kind === "function-invoked" && event.functionName === graph.outputs.dispatcherName
        ? [(event.payload as { Records: unknown[] }).Records[0]]
        : [],
    );
    const started = run.executions.length;
    await run.cloud.asUser.call("lambda", "invoke", {
      FunctionName: graph.outputs.dispatcherName,
      InvocationType: "Event",
      Payload: JSON.stringify({ Records: [first, { eventName: "ObjectCreated:Put", s3: {} }, second] }),
    });
    await run.cloud.settle();
    const { executions } = await run.cloud.asUser.listExecutions({
      stateMachineArn: String(graph.outputs.stateMachineArn),
    });
    expect(executions).to.have.length(started);
    expect(JSON.stringify(run.queue("failures"))).to.include("1 of 3 records failed");
  });
});

/** The graph with one statement taken out of a role's policy. */
const without = (graph: ResourceGraph, role: string, sid: string): ResourceGraph => {
  const policy = resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", role);
  const document = JSON.parse(String(policy.properties.policy)) as { Statement: { Sid: string }[] };
  const Statement = document.Statement.filter(({ Sid }) => Sid !== sid);
  const changed = {
    ...policy,
    properties: { ...policy.properties, policy: JSON.stringify({ ...document, Statement }) },
  };
  return { ...graph, resources: graph.resources.map((resource) => (resource === policy ? changed : resource)) };
};
