import { expect } from "chai";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const name = "csv-interruptions";

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const only = (graph: ResourceGraph, type: string): Resource => resourceOf(graph, type, name);

const statementsOf = (graph: ResourceGraph): readonly Statement[] => {
  const { policy } = only(graph, "aws:iam/rolePolicy:RolePolicy").properties;
  return (JSON.parse(String(policy)) as { readonly Statement: readonly Statement[] }).Statement;
};

for (const stack of ["local", "prod"]) {
  describe(`The stop path of the ${stack} stack`, () => {
    let graph: ResourceGraph;
    before(async () => {
      graph = await graphOf(stack);
    });

    it("has a rule for this machine's executions that could not report their end", () => {
      const rule = only(graph, "aws:cloudwatch/eventRule:EventRule").properties;
      expect(JSON.parse(String(rule.eventPattern))).to.deep.equal({
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: [graph.outputs.stateMachineArn],
          $or: [{ status: ["ABORTED", "TIMED_OUT"] }, { status: ["FAILED"], error: [{ prefix: "States." }, null] }],
        },
      });
      const target = only(graph, "aws:cloudwatch/eventTarget:EventTarget").properties;
      const { arn } = only(graph, "aws:lambda/function:Function").properties;
      expect(target).to.include({ rule: rule.name, arn });
    });

    it("lets that rule alone call the function", () => {
      const { arn } = only(graph, "aws:cloudwatch/eventRule:EventRule").properties;
      expect(only(graph, "aws:lambda/permission:Permission").properties).to.include({
        action: "lambda:InvokeFunction",
        function: only(graph, "aws:lambda/function:Function").properties.name,
        principal: "events.amazonaws.com",
        sourceArn: arn,
      });
    });

    it("keeps in the failure queue what the function could not take care of", () => {
      const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-failures").properties;
      const config = only(graph, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").properties;
      expect(config).to.deep.include({
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: queue.arn } },
      });
    });

    it("forgets what it has reported after a while", () => {
      expect(only(graph, "aws:dynamodb/table:Table").properties).to.deep.include({
        hashKey: "Interruption",
        ttl: { attributeName: "ExpiresAt", enabled: true },
      });
    });

    it("may do what it does, on this pipeline's resources alone", () => {
      const statements = statementsOf(graph).filter(({ Sid }) => !/^(Decrypt|Encrypt|WriteLog)/.test(Sid));
      const machine = resourceOf(graph, "aws:sfn/stateMachine:StateMachine", "csv").properties;
      const runs =
        stack === "prod"
          ? { StopJobRuns: ["glue:GetJobRuns", "glue:BatchStopJobRun"] }
          : {
              ListRuns: ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
              InvokeStandIn: ["lambda:InvokeFunction"],
            };
      expect(Object.fromEntries(statements.map(({ Sid, Action }) => [Sid, Action]))).to.deep.equal({
        ...runs,
        ReadHistory: ["states:GetExecutionHistory"],
        NoteReports: ["dynamodb:UpdateItem"],
        KeepFailure: ["sqs:SendMessage"],
        Notify: ["sns:Publish"],
      });
      expect(statements.find(({ Sid }) => Sid === "ReadHistory")?.Resource).to.deep.equal([
        `arn:aws:states:${graph.region}:${graph.accountId}:execution:${String(machine.name)}:*`,
      ]);
      expect(new Set(statementsOf(graph).map(({ Sid }) => Sid)).size).to.equal(statementsOf(graph).length);
    });
  });
}

describe("The stop path", () => {
  it("is not there for express executions, of which EventBridge hears nothing", async () => {
    const graph = await graphOf("local", {
      stateMachineType: "EXPRESS",
      jobTimeoutMinutes: "1",
      giveUpAfterMinutes: "2",
      maxAttempts: "1",
    });
    expect(resourcesOf(graph, "aws:cloudwatch/eventRule:EventRule")).to.deep.equal([]);
  });
});
