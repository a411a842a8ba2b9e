import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { throttle } from "../support/interference.ts";
import { denials, unneededIn, withoutEach, type ObservedRun, type Taken } from "../support/least-privilege.ts";
import { bodiesIn, cloudOf } from "../support/pipeline.ts";
import { resourceOf, resourcesOf } from "../support/stacks.ts";
import { stagesGraphOf } from "../support/staged.ts";

/** What stands between the machine and its jobs where events tell of runs' ends; other policies are as with polling. */
const policyNames = /^flow(|-completion|-job-start-for-token|-job-find|-clean-ends|-convert-ends)$/;

/** Logs: what lacks them works, and they are empty. */
const notSeen: readonly string[] = ["WriteLog", "DeliverLogs"];

/** Clean takes one file after the other: the second is looked for before its run ends, and the third given up. */
const config = {
  completion: "event",
  security: "true",
  eventHeartbeatSeconds: "60",
  giveUpAfterMinutes: "2",
  simulatedStartUpSeconds: "8",
  simulatedDurationSeconds: "37",
  stages: JSON.stringify({ Clean: { maxConcurrentRuns: 1, jobRunQueuing: true } }),
};

const simulation = aSimulation({ startUpSeconds: 8, durationSeconds: 37 });

/** A file that succeeds, one that is given up, and one with a stage that fails beside another; an event that none can read. */
const run = async (graph: ResourceGraph): Promise<ObservedRun> => {
  const clock = new VirtualClock(start);
  const { cloud, events } = await cloudOf(graph, { clock, simulation });
  // A start that is tried again looks for what the try before has started.
  throttle(cloud, {
    service: "glue",
    operation: "startJobRun",
    error: "ThrottlingException",
    times: 1,
    where: /Convert/,
  });
  throttle(cloud, {
    service: "lambda",
    operation: "invoke",
    error: "TooManyRequestsException",
    times: 1,
    where: /"FunctionName":"flow-convert-start-(?!for)/,
  });
  for (const [name, body] of Object.entries({ first: "poison-totals", second: "file", third: "file" })) {
    const key = { Bucket: String(graph.outputs.landingBucket), Key: `incoming/${name}.csv` };
    await cloud.asUser.putObject({ ...key, Body: Buffer.from(body) });
  }
  await cloud.settle();
  const { name: FunctionName } = resourceOf(graph, "aws:lambda/function:Function", "flow-completion").properties;
  await cloud.asUser.call("lambda", "invoke", { FunctionName, InvocationType: "Event", Payload: "{}" });
  await cloud.settle();
  return { events, failures: bodiesIn(cloud, "failures") };
};

const endsIn = ({ events }: ObservedRun): readonly string[] =>
  events.flatMap((event) => (event.kind === "execution-ended" ? [event.status] : []));

describe("Least privilege of stages whose runs tell of their ends", () => {
  for (const stack of ["local", "prod"]) {
    it(`leaves nothing out: a run on the ${stack} stack is denied nothing`, async () => {
      const done = await run(await stagesGraphOf(stack, config));
      expect(denials(done)).to.deep.equal([]);
      expect([...endsIn(done)].sort()).to.deep.equal(["FAILED", "FAILED", "SUCCEEDED"]);
    });

    it(`has no statement on the ${stack} stack that a run does not need`, async () => {
      const graph = await stagesGraphOf(stack, config);
      const policies = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").filter(({ name }) => policyNames.test(name));
      const isSeen = ({ name }: Taken): boolean => !notSeen.includes(name.split(".")[1] ?? "");
      const taken = policies.flatMap((policy) => withoutEach(graph, policy));
      expect(await unneededIn(taken.filter(isSeen), run)).to.deep.equal([]);
      expect(taken.map(({ name }) => name)).to.include.members(["flow.FindJobRun", "flow-completion.ResolveTask"]);
    }).timeout(240_000);
  }
});
