import { expect } from "chai";
import type { CloudOptions } from "../../local/cloud.ts";
import { cloudOf, runPipeline } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const simulation: CloudOptions["simulation"] = {
  seed: 1,
  startUpSeconds: 1,
  durationSeconds: 7200,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [],
};

/** What an execution that was started by hand came to, and what then waits in the failure queue. */
const startedByHand = async (input: unknown) => {
  const graph = await graphOf("prod");
  const { cloud } = await cloudOf(graph, { simulation });
  const { executionArn } = (await cloud.asUser.call("states", "startExecution", {
    stateMachineArn: graph.outputs.stateMachineArn,
    name: "by-hand",
    input: JSON.stringify(input),
  })) as { executionArn: string };
  await cloud.settle();
  const execution = await cloud.asUser.call("states", "describeExecution", { executionArn });
  const { Messages = [] } = (await cloud.asUser.call("sqs", "receiveMessage", {
    QueueUrl: graph.outputs.failureQueueUrl,
  })) as { Messages?: { Body: string }[] };
  return {
    execution: execution as Record<string, unknown>,
    kept: Messages.map(({ Body }) => JSON.parse(Body) as Record<string, unknown>),
  };
};

const file = { bucket: "b", key: "incoming/a.csv", versionId: "null", size: 7 };

describe("An execution of the pipeline", () => {
  const malformed: readonly [string, unknown][] = [
    ["nothing", {}],
    ["a text", "incoming/a.csv"],
    ["a list", [file]],
    ["no arguments", { jobName: "x" }],
    ["no job name", { arguments: file }],
    ["a size in words", { jobName: "x", arguments: { ...file, size: "7" } }],
    ["no version", { jobName: "x", arguments: { bucket: file.bucket, key: file.key, size: file.size } }],
  ];
  for (const [what, input] of malformed) {
    it(`that is given ${what} fails, says what it needs, and is kept for a person`, async () => {
      const { execution, kept } = await startedByHand(input);
      expect(execution).to.include({
        status: "FAILED",
        error: "InvalidInput",
        cause:
          'The input must be {"jobName", "arguments": {"bucket", "key", "versionId", "size"}}: the size a number, the others text.',
      });
      expect(kept).to.have.length(1);
      expect(kept[0]).to.deep.include({ outcome: "failed", executionName: "by-hand", error: "InvalidInput", input });
    });
  }

  it("says how long it watched a run that it gives up", async () => {
    const graph = await graphOf("prod", { jobTimeoutMinutes: "600", giveUpAfterMinutes: "10" });
    const { executions } = await runPipeline(graph, [{ key: "incoming/a.csv" }], { simulation });
    expect(executions[0]?.error).to.equal("JobRun.RUNNING");
    expect(executions[0]?.cause).to.match(/ was RUNNING after attempt 1: given up after 10 minutes$/);
  });

  it("names the run that it was watching when it could not look any more", async () => {
    const graph = await graphOf("prod");
    const withoutLooking = {
      ...graph,
      resources: graph.resources.map((resource) =>
        resource.type === "aws:iam/rolePolicy:RolePolicy" && resource.name === "csv"
          ? {
              ...resource,
              properties: {
                ...resource.properties,
                policy: String(resource.properties.policy).replace("glue:GetJobRun", "glue:GetJob"),
              },
            }
          : resource,
      ),
    };
    const { queue } = await runPipeline(withoutLooking, [{ key: "incoming/a.csv" }], { simulation });
    const [kept] = queue("failures") as Record<string, unknown>[];
    expect(kept).to.include({ outcome: "failed", error: "Glue.AccessDeniedException" });
    expect(kept?.jobRunId).to.match(/^jr_[0-9a-f]{64}$/);
  });
});
