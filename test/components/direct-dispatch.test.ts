import { expect } from "chai";
import { pipelineProblems, type RuledArgs } from "../../components/rules/pipeline-rules.ts";
import { problemText } from "../../components/rules/problem.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const direct: RuledArgs = { mode: "simulated", job: {}, dispatch: { mode: "direct" } };

const problemsOf = (args: Partial<RuledArgs>): readonly string[] =>
  pipelineProblems({ ...direct, ...args }).map((problem) => problemText(problem));

for (const stack of ["local", "prod"]) {
  describe(`Direct dispatch on the ${stack} stack`, () => {
    it("has no state machine, and nothing that serves one", async () => {
      const graph = await graphOf(stack, { dispatch: "direct" });
      expect(resourcesOf(graph, "aws:sfn/stateMachine:StateMachine")).to.deep.equal([]);
      expect(JSON.stringify(resourcesOf(graph, "aws:iam/role:Role"))).to.not.include("states.amazonaws.com");
      expect(resourcesOf(graph, "aws:cloudwatch/eventRule:EventRule").map(({ name }) => name)).to.not.include(
        "csv-interruptions",
      );
      expect(graph.outputs).to.include({ stateMachineArn: null });
      expect(graph.outputs.ledgerTable).to.equal(
        resourceOf(graph, "aws:dynamodb/table:Table", "csv-direct-ledger").properties.name,
      );
    });

    it("hands each reminder to the watcher by itself, and to nobody else while the watcher may be alive", async () => {
      const graph = await graphOf(stack, { dispatch: "direct" });
      const watcher = resourceOf(graph, "aws:lambda/function:Function", "csv-direct-watcher").properties;
      const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-direct-watch").properties;
      const failures = resourceOf(graph, "aws:sqs/queue:Queue", "csv-failures").properties;
      const mapping = resourceOf(graph, "aws:lambda/eventSourceMapping:EventSourceMapping", "csv-direct").properties;
      expect(mapping).to.deep.include({
        eventSourceArn: queue.arn,
        functionName: watcher.name,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      });
      expect(queue.visibilityTimeoutSeconds).to.equal(watcher.timeout);
      expect(JSON.parse(String(queue.redrivePolicy))).to.deep.equal({
        deadLetterTargetArn: failures.arn,
        maxReceiveCount: 10,
      });
    });

    it("gives both functions the pipeline's settings, in less than Lambda's room for an environment", async () => {
      const graph = await graphOf(stack, { dispatch: "direct" });
      for (const name of ["csv-dispatcher", "csv-direct-watcher"]) {
        const { environment, timeout } = resourceOf(graph, "aws:lambda/function:Function", name).properties;
        const { variables } = environment as { readonly variables: Readonly<Record<string, string>> };
        const settings = JSON.parse(variables.SETTINGS ?? "") as Readonly<Record<string, unknown>>;
        expect(settings).to.deep.include({
          outputBucket: graph.outputs.outputBucket,
          retry: { maxAttempts: 3, intervalSeconds: 30, backoffRate: 2 },
          polling: { floorSeconds: 5, ceilingSeconds: 60, share: 0.05 },
          validation: { extensions: ["csv"], minFileBytes: 1, maxFileBytes: 5 * 1024 ** 3 },
          leaseSeconds: Number(timeout) + 15,
        });
        const bytes = Object.entries(variables).reduce((sum, entry) => sum + Buffer.byteLength(entry.join("=")), 0);
        expect(bytes).to.be.lessThan(4096);
      }
    });
  });
}

describe("A pipeline that dispatches directly", () => {
  it("is refused with what only a state machine has, all at once and each with the remedy", () => {
    expect(
      problemsOf({
        completion: "sync",
        stateMachineType: "EXPRESS",
        executionTimeoutMinutes: 600,
        logLevel: "OFF",
        job: { overrides: { maxTimeoutMinutes: 90 } },
      }),
    ).to.deep.equal([
      'completion must be "poll" with dispatch.mode "direct": a function waits for the end of a run by looking at it; or ' +
        'set dispatch.mode to "per-file", got "sync"',
      'stateMachineType must be "STANDARD" with dispatch.mode "direct": there is no state machine; or set dispatch.mode ' +
        'to "per-file", got "EXPRESS"',
      'executionTimeoutMinutes must be 0 with dispatch.mode "direct": there is no execution to time out, and ' +
        'giveUpAfterMinutes bounds a run; or set dispatch.mode to "per-file", got 600',
      'logLevel must be "ALL" with dispatch.mode "direct": there is no execution to log, and the functions log each ' +
        'step; or set dispatch.mode to "per-file", got "OFF"',
      'job.overrides must be left out with dispatch.mode "direct": there is no execution whose input could override a ' +
        'run; or set dispatch.mode to "per-file", got {"maxTimeoutMinutes":90}',
    ]);
  });

  it("may watch for longer than an execution's history or life allows", () => {
    const endless = { job: { timeoutMinutes: 10_080 }, retry: { maxAttempts: 20 }, polling: { ceilingSeconds: 5 } };
    expect(problemsOf(endless)).to.deep.equal([]);
    expect(problemsOf({ ...endless, dispatch: { mode: "per-file" } })).to.not.deep.equal([]);
  });

  it("still has bounds that must fit each other", () => {
    expect(problemsOf({ polling: { floorSeconds: 60, ceilingSeconds: 5 } })).to.deep.equal([
      "polling.floorSeconds must be at most polling.ceilingSeconds (5), got 60",
    ]);
  });
});
