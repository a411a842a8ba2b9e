import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { start } from "../support/jobs.ts";
import {
  denials,
  statementsOf,
  unneededIn,
  withoutEach,
  withPolicy,
  type ObservedRun,
  type Taken,
} from "../support/least-privilege.ts";
import { bodiesIn, cloudOf } from "../support/pipeline.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

/** Statements without which a run goes on as before. */
const notSeen: Readonly<Record<string, string>> = {
  WriteLog: "a function without it works, and its log is empty",
  WriteLogs: "a job without it works, and its log is empty",
  DeliverLogs: "the log of executions; Step Functions checks it when the machine is created",
  PutMetrics: "the job's metrics",
  PublishAlarms: "no metrics are recorded here, so no alarm goes off",
  UseTempDir: "a script's place for what is in between; its stand-in needs none",
  ListTempDir: "the same",
  "csv-job-list": "to find a run whose start was not answered; every start is answered here",
  "csv-job-start-for-token.FindJobRun": "for a start that is tried again; none is here",
  "csv-interruptions.InvokeStandIn": "for a run that has ended unseen by the time that its execution is stopped",
};

const simulation: Simulation = {
  seed: 1,
  startUpSeconds: 1,
  durationSeconds: 40,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [{ match: "*bad*", Return: { JobRunState: "FAILED" } }],
};

const config = {
  maxAttempts: "1",
  // One run after the other: the last is given up while it waits.
  maxConcurrentRuns: "1",
  jobRunQueuing: "true",
  giveUpAfterMinutes: "2",
  simulatedStartUpSeconds: "1",
  simulatedDurationSeconds: "40",
  simulatedFailureRate: "0",
  simulatedScenarios: JSON.stringify(simulation.scenarios),
};

/**
 * A file that succeeds, one that fails, one that is rejected, one whose execution is stopped and one whose run is given
 * up; events of Glue's and Step Functions' that do not happen here; and events that no function can read.
 */
const run = async (graph: ResourceGraph): Promise<ObservedRun> => {
  const clock = new VirtualClock(start);
  const { cloud, events } = await cloudOf(graph, { clock, simulation });
  for (const [name, body] of Object.entries({
    good: "a,b\n1,2\n",
    bad: "a\n1\n",
    empty: "",
    stopped: "a\n1\n",
    late: "a\n1\n",
  })) {
    const key = { Bucket: String(graph.outputs.landingBucket), Key: `incoming/${name}.csv` };
    await cloud.asUser.putObject({ ...key, Body: Buffer.from(body) });
  }
  let stopping: Promise<unknown> = Promise.resolve();
  clock.schedule(30_000, () => {
    const stopped = events.find((event) => event.kind === "execution-started" && event.name.startsWith("stopped"));
    if (stopped?.kind === "execution-started") {
      const { executionArn } = stopped;
      stopping = cloud.asUser.call("states", "stopExecution", { executionArn });
    }
    return Promise.resolve();
  });
  await cloud.settle();
  await stopping;
  for (const { properties, name } of resourcesOf(graph, configType)) {
    for (const event of [{ Records: [{ eventName: "ObjectCreated:Put", s3: {} }] }, seldom(name, graph, events)]) {
      await cloud.asUser.call("lambda", "invoke", {
        FunctionName: properties.functionName,
        InvocationType: "Event",
        Payload: JSON.stringify(event),
      });
    }
  }
  await cloud.settle();
  return { events, failures: bodiesIn(cloud, "failures") };
};

const configType = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

/** What a function is there for and does not happen in a run: a run takes too long, an execution breaks off. */
const seldom = (name: string, graph: ResourceGraph, events: readonly CloudEvent[]): object => {
  if (name === "csv-job-runs") {
    const detail = { jobName: graph.outputs.jobName, jobRunId: "jr_1", state: "RUNNING" };
    return { source: "aws.glue", "detail-type": "Glue Job Run Status", detail };
  }
  const failed = events.find((event) => event.kind === "execution-ended" && event.status === "FAILED");
  if (name !== "csv-interruptions" || failed?.kind !== "execution-ended") return {};
  return {
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    detail: {
      executionArn: failed.executionArn,
      stateMachineArn: graph.outputs.stateMachineArn,
      name: failed.name,
      status: "FAILED",
      error: "States.Runtime",
      startDate: start,
      stopDate: start + 60_000,
    },
  };
};

/** Names of those without which a run is denied nothing, where it should be. */
const unneeded = (taken: readonly Taken[]): Promise<readonly string[]> => {
  const isSeen = ({ name }: Taken): boolean => [name, ...name.split(".", 2)].every((part) => !(part in notSeen));
  return unneededIn(taken.filter(isSeen), run);
};

interface Variant {
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** Statements without which this run goes on as before. */
  readonly unseen?: readonly string[];
}

const variants: Readonly<Record<string, Variant>> = {
  "the local stack": { stack: "local", config },
  "the local stack with security": { stack: "local", config: { ...config, security: "true" } },
  "the prod stack without security": { stack: "prod", config: { ...config, security: "false" } },
  "the prod stack": { stack: "prod", config },
  "the prod stack in a network": { stack: "prod", config: { ...config, network: "create" } },
  "the prod stack whose tasks wait": {
    stack: "prod",
    config: { ...config, completion: "sync", giveUpAfterMinutes: "0" },
  },
  "the prod stack whose runs tell of their ends": {
    stack: "prod",
    config: { ...config, completion: "event", eventHeartbeatSeconds: "60" },
  },
  "the local stack whose runs tell of their ends, with security": {
    stack: "local",
    config: { ...config, completion: "event", eventHeartbeatSeconds: "60", security: "true" },
    // For a run whose work whoever tells of its end has not done.
    unseen: ["csv-job-get.InvokeStandIn"],
  },
  "the prod stack without a state machine": {
    stack: "prod",
    config: { ...config, dispatch: "direct", maxAttempts: "2" },
  },
  "the local stack without a state machine, with security": {
    stack: "local",
    config: { ...config, dispatch: "direct", maxAttempts: "2", security: "true" },
  },
};

/** A run is given up where the state machine looks at it. */
const endsOf = ({ completion, dispatch }: Readonly<Record<string, string>>): readonly string[] => {
  if (dispatch === "direct") return [];
  return ["ABORTED", "FAILED", ...(completion === "sync" ? [] : ["FAILED"]), "SUCCEEDED", "SUCCEEDED"].concat(
    completion === "sync" ? ["SUCCEEDED"] : [],
  );
};

describe("Least privilege", () => {
  for (const [name, { stack, config, unseen = [] }] of Object.entries(variants)) {
    it(`leaves nothing out: a run on ${name} is denied nothing`, async () => {
      const done = await run(await graphOf(stack, config));
      expect(denials(done)).to.deep.equal([]);
      const ends = done.events.flatMap((event) => (event.kind === "execution-ended" ? [event.status] : []));
      expect(ends.sort()).to.deep.equal(endsOf(config));
      expect(done.failures).to.have.length.greaterThan(2);
    });

    it(`has no statement on ${name} that a run does not need`, async () => {
      const graph = await graphOf(stack, config);
      const roles = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy");
      const taken = roles.flatMap((policy) => withoutEach(graph, policy));
      expect(await unneeded(taken)).to.deep.equal(unseen);
      expect(taken.map((each) => each.name)).to.include("csv-dispatcher.KeepFailedEvent");
    }).timeout(120_000);
  }

  it("has no statement in the key's policy that is not needed", async () => {
    const graph = await graphOf("prod", config);
    const taken = withoutEach(graph, resourceOf(graph, "aws:kms/key:Key", "csv"));
    expect(taken).to.have.length(4);
    expect(await unneeded(taken)).to.deep.equal([]);
  });

  it("gives functions and machines no action on the key that a run does not need", async () => {
    const graph = await graphOf("local", { ...config, security: "true" });
    const taken = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").flatMap((policy) =>
      statementsOf(policy)
        .filter(({ Action }) => Action.length > 1 && Action.every((action) => action.startsWith("kms:")))
        .flatMap((statement) =>
          statement.Action.map((action) => ({
            name: `${policy.name}.${statement.Sid}: ${action}`,
            graph: withPolicy(
              graph,
              policy,
              statementsOf(policy).map((other) =>
                other === statement || other.Sid === statement.Sid
                  ? { ...other, Action: other.Action.filter((one) => one !== action) }
                  : other,
              ),
            ),
          })),
        ),
    );
    expect(await unneeded(taken)).to.deep.equal([
      // Parts of a large upload are decrypted to be put together; here an upload is one part.
      "csv-job-stand-in.EncryptOutput: kms:Decrypt",
    ]);
    expect(taken).to.have.length.greaterThan(5);
  }).timeout(120_000);
});
