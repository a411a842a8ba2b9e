import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { start } from "../support/jobs.ts";
import { denials, unneededIn, withoutEach, type ObservedRun, type Taken } from "../support/least-privilege.ts";
import { bodiesIn, cloudOf } from "../support/pipeline.ts";
import { resourceOf, resourcesOf } from "../support/stacks.ts";
import { stagesGraphOf, stagesSimulation as simulation } from "../support/staged.ts";

/** Statements without which a run goes on as before. */
const notSeen: readonly string[] = [
  // Logs and metrics: what lacks them works, and they are empty.
  "WriteLog",
  "WriteLogs",
  "DeliverLogs",
  "PutMetrics",
  // Spark's committers look for uploads that were left; stand-ins leave none.
  "ListUploads",
  // A bucket of the program's own may be under the pipeline's key; the one here is not.
  "flow-convert.DecryptInput",
  "flow-convert-stand-in.DecryptInput",
  // For a run that has ended unseen by the time that its execution is stopped.
  "flow-clean-list.InvokeStandIn",
  "flow-convert-list.InvokeStandIn",
];

/** Of stages with the same shape one stands for the others. */
const seen = (policy: string): boolean => !/^flow-(totals|publish)/.test(policy);

/** Clean takes one file after the other, so that the last is given up while it waits. */
const config = {
  security: "true",
  giveUpAfterMinutes: "1",
  stages: JSON.stringify({ Clean: { maxConcurrentRuns: 1, jobRunQueuing: true } }),
};

/**
 * A file that succeeds, one whose stage fails beside another that goes on, one that is rejected, one that is stopped, and
 * one that is given up.
 */
const run = async (graph: ResourceGraph): Promise<ObservedRun> => {
  const clock = new VirtualClock(start);
  const { cloud, events } = await cloudOf(graph, { clock, simulation });
  for (const [name, body] of Object.entries({
    good: "file",
    bad: "poison-totals",
    empty: "",
    stopped: "file",
    next: "file",
  })) {
    const key = { Bucket: String(graph.outputs.landingBucket), Key: `incoming/${name}.csv` };
    await cloud.asUser.putObject({ ...key, Body: Buffer.from(body) });
  }
  let trouble: Error | undefined;
  let stopping: Promise<unknown> = Promise.resolve();
  clock.schedule(37_000, () => {
    const stopped = events.find((event) => event.kind === "execution-started" && event.name.startsWith("stopped"));
    const executionArn = stopped?.kind === "execution-started" ? stopped.executionArn : "";
    stopping = cloud.asUser.call("states", "stopExecution", { executionArn }).catch((error: unknown) => {
      trouble = error as Error;
    });
    return Promise.resolve();
  });
  await cloud.settle();
  await stopping;
  // Where nothing can be started, nothing can be stopped.
  if (trouble !== undefined && denials({ events, failures: [] }).length === 0) throw trouble;
  for (const { name } of resourcesOf(graph, asyncConfig)) await unreadable(graph, cloud, name);
  await cloud.settle();
  return { events, failures: bodiesIn(cloud, "failures") };
};

const asyncConfig = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

/** An event that the function cannot read is kept; one that a run took long, and that an execution broke off, are not. */
const unreadable = async (
  graph: ResourceGraph,
  { asUser }: Awaited<ReturnType<typeof cloudOf>>["cloud"],
  name: string,
): Promise<void> => {
  const FunctionName = resourceOf(graph, asyncConfig, name).properties.functionName;
  const long = {
    source: "aws.glue",
    "detail-type": "Glue Job Run Status",
    detail: { jobName: "x", jobRunId: "jr_1", state: "RUNNING" },
  };
  const broken = {
    source: "aws.states",
    detail: {
      executionArn: `${String(graph.outputs.stateMachineArn).replace(":stateMachine:", ":execution:")}:none`,
      name: "none",
      status: "FAILED",
      error: "States.Runtime",
      startDate: start,
      stopDate: start + 60_000,
    },
  };
  for (const event of [{ Records: [{ eventName: "ObjectCreated:Put", s3: {} }] }, long, broken]) {
    await asUser.call("lambda", "invoke", { FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) });
  }
};

describe("Least privilege of stages", () => {
  for (const stack of ["local", "prod"]) {
    it(`leaves nothing out: a run on the ${stack} stack is denied nothing`, async () => {
      const done = await run(await stagesGraphOf(stack, config));
      expect(denials(done)).to.deep.equal([]);
      const ends = done.events.flatMap((event) => (event.kind === "execution-ended" ? [event.status] : []));
      expect(ends.sort()).to.deep.equal(["ABORTED", "FAILED", "FAILED", "SUCCEEDED", "SUCCEEDED"]);
    });

    it(`has no statement on the ${stack} stack that a run does not need`, async () => {
      const graph = await stagesGraphOf(stack, config);
      const policies = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").filter(({ name }) => seen(name));
      const taken = policies.flatMap((policy) => withoutEach(graph, policy));
      const isSeen = ({ name }: Taken): boolean =>
        !notSeen.includes(name) && !notSeen.includes(name.split(".")[1] ?? "");
      expect(await unneededIn(taken.filter(isSeen), run)).to.deep.equal([]);
      expect(taken.map(({ name }) => name)).to.include.members([
        "flow-stop-job-runs.DecryptEnvironment",
        "flow.StopRuns",
      ]);
    }).timeout(240_000);
  }

  it("lets a stage read what it reads, write what it writes, and nothing else", async () => {
    const graph = await stagesGraphOf("prod");
    const { policy } = resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", "flow-convert").properties;
    const statements = (JSON.parse(String(policy)) as { Statement: Record<string, unknown>[] }).Statement;
    const arn = (bucket: unknown, path: string) => `arn:aws:s3:::${String(bucket)}${path}`;
    const output = graph.outputs.outputBucket;
    const reference = resourceOf(graph, "aws:s3/bucket:Bucket", "reference").properties.bucket;
    const data = statements.filter(
      ({ Sid }) => /Input|Output|Uploads|Landed/.test(String(Sid)) && !String(Sid).includes("crypt"),
    );
    expect(data.map(({ Sid, Resource, Condition }) => ({ Sid, Resource, Condition }))).to.deep.equal([
      { Sid: "ReadInput", Resource: [arn(output, "/clean/*"), arn(reference, "/rates/*")], Condition: undefined },
      {
        Sid: "ListInput",
        Resource: [arn(output, "")],
        Condition: { StringLike: { "s3:prefix": ["clean/*", "clean"] } },
      },
      {
        Sid: "ListInput2",
        Resource: [arn(reference, "")],
        Condition: { StringLike: { "s3:prefix": ["rates/*", "rates"] } },
      },
      {
        Sid: "WriteOutput",
        Resource: [arn(output, "/convert/*"), arn(output, "/convert_${$}folder${$}")],
        Condition: undefined,
      },
      {
        Sid: "ListOutput",
        Resource: [arn(output, "")],
        Condition: { StringLike: { "s3:prefix": ["convert/*", "convert"] } },
      },
      { Sid: "ListUploads", Resource: [arn(output, "")], Condition: undefined },
    ]);
  });
});
