import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { start } from "../support/jobs.ts";
import { cloudOf, jobRunsIn, notificationsIn, type PipelineRun } from "../support/pipeline.ts";
import { graphOf, resourcesOf } from "../support/stacks.ts";

const simulation: Simulation = {
  seed: 1,
  startUpSeconds: 10,
  durationSeconds: 600,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [],
};

const config = {
  simulatedStartUpSeconds: "10",
  simulatedDurationSeconds: "600",
  simulatedFailureRate: "0",
  standIn: "false",
  pollCeilingSeconds: "20",
};

interface Interrupted {
  readonly cloud: Cloud;
  readonly events: PipelineRun["events"];
  readonly executionName: string;
  readonly failures: readonly Record<string, unknown>[];
  /** States of the execution's runs when all is over. */
  readonly states: readonly unknown[];
}

/** Does something to the execution of one file, a while after it has begun, and lets all that follows happen. */
const interrupted = async (
  graph: ResourceGraph,
  interrupt: (cloud: Cloud, executionArn: string) => Promise<unknown>,
  afterMs = 30_000,
): Promise<Interrupted> => {
  const clock = new VirtualClock(start);
  const { cloud, events } = await cloudOf(graph, { clock, simulation });
  await cloud.asUser.putObject({
    Bucket: String(graph.outputs.landingBucket),
    Key: "incoming/a.csv",
    Body: Buffer.from("a,b\n1,2\n"),
  });
  let calling: Promise<unknown> = Promise.resolve();
  clock.schedule(afterMs, () => {
    const begun = events.find((event) => event.kind === "execution-started");
    calling = begun === undefined ? Promise.reject(new Error("no execution")) : interrupt(cloud, begun.executionArn);
    return Promise.resolve();
  });
  await cloud.settle();
  await calling;
  // What was asked to stop takes a moment.
  clock.schedule(60_000, () => Promise.resolve());
  await cloud.settle();
  const executionName = events.flatMap((event) => (event.kind === "execution-started" ? [event.name] : []))[0] ?? "";
  const states = await statesOf(graph, cloud, events);
  return { cloud, events, executionName, failures: failuresIn(cloud), states };
};

const failuresIn = (cloud: Cloud): readonly Record<string, unknown>[] =>
  Object.entries(cloud.queues)
    .filter(([name]) => name.includes("failures"))
    .flatMap(([, messages]) => messages.map(({ body }) => JSON.parse(body) as Record<string, unknown>));

/** Asks as the machine does: whoever answers GetJobRun on this stack, if anybody does. */
const statesOf = async (
  graph: ResourceGraph,
  cloud: Cloud,
  events: PipelineRun["events"],
): Promise<readonly unknown[]> => {
  const JobName = graph.outputs.jobName;
  const [get] = resourcesOf(graph, "aws:lambda/function:Function").filter(({ name }) => name === "csv-job-get");
  if (get === undefined && resourcesOf(graph, "aws:glue/job:Job").length === 0) return [];
  return Promise.all(
    jobRunsIn(events).map(async ({ Id: RunId }) => {
      const input = { JobName, RunId };
      const answer =
        get === undefined
          ? await cloud.asUser.call("glue", "getJobRun", input)
          : await invoked(cloud, get.properties.name, input);
      return (answer as { JobRun: { JobRunState: string } }).JobRun.JobRunState;
    }),
  );
};

const invoked = async (cloud: Cloud, FunctionName: unknown, input: object): Promise<unknown> => {
  const call = { FunctionName, Payload: JSON.stringify(input) };
  const { Payload } = (await cloud.asUser.call("lambda", "invoke", call)) as { readonly Payload: string };
  return JSON.parse(Payload);
};

const stop =
  (why: { readonly error?: string; readonly cause?: string } = {}) =>
  (cloud: Cloud, executionArn: string) =>
    cloud.asUser.call("states", "stopExecution", { executionArn, ...why });

/** The same graph with another definition. */
const withDefinition = (
  graph: ResourceGraph,
  change: (definition: Record<string, unknown>) => Record<string, unknown>,
): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    resource.type === "aws:sfn/stateMachine:StateMachine"
      ? {
          ...resource,
          properties: {
            ...resource.properties,
            definition: JSON.stringify(
              change(JSON.parse(String(resource.properties.definition)) as Record<string, unknown>),
            ),
          },
        }
      : resource,
  ),
});

for (const stack of ["local", "prod"]) {
  describe(`An execution that is interrupted, on the ${stack} stack`, () => {
    let graph: ResourceGraph;
    before(async () => {
      graph = await graphOf(stack, config);
    });

    it("leaves no job run behind when somebody stops it, and its file waits in the failure queue", async () => {
      const { failures, states, executionName, cloud } = await interrupted(
        graph,
        stop({ error: "Operator", cause: "wrong file" }),
      );
      expect(states).to.deep.equal(["STOPPED"]);
      expect(failures).to.have.length(1);
      const [{ jobRun, file, cause, input, ...message } = {}] = failures;
      expect(message).to.deep.equal({
        outcome: "failed",
        executionName,
        jobName: graph.outputs.jobName,
        attempts: 1,
        error: "Execution.ABORTED",
      });
      expect(jobRun).to.have.keys("Id", "JobRunState", "ExecutionTime", "ErrorMessage");
      expect(file).to.include({ key: "incoming/a.csv", size: 8 });
      expect(cause).to.equal(
        `Execution ${executionName} was ABORTED: Operator: wrong file; stopped ${(jobRun as { Id: string }).Id}`,
      );
      expect(input).to.deep.equal({ jobName: graph.outputs.jobName, arguments: file });
      expect(notificationsIn(cloud)).to.deep.equal(failures);
    });

    it("is treated so when it times out", async () => {
      const timed = withDefinition(graph, (definition) => ({ ...definition, TimeoutSeconds: 45 }));
      const { failures, states, cloud } = await interrupted(timed, () => Promise.resolve());
      expect(states).to.deep.equal(["STOPPED"]);
      expect(failures.map(({ error }) => error)).to.deep.equal(["Execution.TIMED_OUT"]);
      expect(notificationsIn(cloud)).to.deep.equal(failures);
    });

    it("is treated so when Step Functions breaks it off with an error that nothing can catch", async () => {
      const broken = withDefinition(graph, (definition) => ({
        ...definition,
        States: {
          ...(definition.States as object),
          WaitForJobRun: { Type: "Wait", Seconds: "{% $nowhere.seconds %}", Next: "GetJobRun" },
        },
      }));
      const { failures, events, cloud } = await interrupted(broken, () => Promise.resolve());
      expect(failures.map(({ error }) => error)).to.deep.equal(["States.QueryEvaluationError"]);
      expect(notificationsIn(cloud)).to.deep.equal(failures);
      expect(String(failures[0]?.cause)).to.match(/; stopped jr_[0-9a-f]{64}$/);
      expect(events.filter(({ kind }) => kind === "function-failed")).to.deep.equal([]);
    });

    it("is reported once, however often its event comes", async () => {
      const { failures, cloud, events } = await interrupted(graph, stop());
      const seen = events.find(
        (event) => event.kind === "function-invoked" && event.functionName.includes("interruptions"),
      );
      if (seen?.kind !== "function-invoked") throw new Error("the function was not invoked");
      for (let delivery = 0; delivery < 3; delivery += 1) {
        await cloud.asUser.call("lambda", "invoke", {
          FunctionName: seen.functionName,
          InvocationType: "Event",
          Payload: JSON.stringify(seen.payload),
        });
      }
      await cloud.settle();
      expect(failures).to.have.length(1);
      expect(failuresIn(cloud)).to.have.length(1);
      expect(notificationsIn(cloud)).to.have.length(1);
    });

    it("is reported too when it was stopped before it had a run", async () => {
      const started = interrupted(graph, stop(), 0);
      const { failures } = await started;
      expect(failures.map(({ error }) => error)).to.deep.equal(["Execution.ABORTED"]);
    });

    it("is not touched when it has failed by itself, and reported that", async () => {
      const failing = {
        ...simulation,
        durationSeconds: 1,
        scenarios: [{ match: "*", Return: { JobRunState: "TIMEOUT" as const } }],
      };
      const failingGraph = await graphOf(stack, {
        ...config,
        simulatedScenarios: JSON.stringify(failing.scenarios),
      });
      const { cloud, events } = await cloudOf(failingGraph, { simulation: failing });
      await cloud.asUser.putObject({
        Bucket: String(failingGraph.outputs.landingBucket),
        Key: "incoming/a.csv",
        Body: Buffer.from("a\n1\n"),
      });
      await cloud.settle();
      expect(failuresIn(cloud).map(({ error }) => error)).to.deep.equal(["JobRun.TIMEOUT"]);
      const invoked = events.filter(
        (event) => event.kind === "function-invoked" && event.functionName.includes("interruptions"),
      );
      expect(invoked).to.deep.equal([]);
    });

    it("is not what a run is of which nothing was told in time: the machine finds and stops it itself", async () => {
      const deaf = await graphOf(stack, {
        ...config,
        completion: "event",
        giveUpAfterMinutes: "2",
        eventHeartbeatSeconds: "60",
      });
      const { failures, states } = await interrupted(deaf, () => Promise.resolve());
      expect(states).to.deep.equal(["STOPPED"]);
      expect(failures.map(({ error }) => error)).to.deep.equal(["JobRun.RUNNING"]);
    });

    it("is not what a run is that was given up: the machine stops it itself", async () => {
      const impatient = await graphOf(stack, { ...config, giveUpAfterMinutes: "1" });
      const { failures, states } = await interrupted(impatient, () => Promise.resolve());
      expect(states).to.deep.equal(["STOPPED"]);
      expect(failures.map(({ error }) => error)).to.deep.equal(["JobRun.RUNNING"]);
      expect(failures[0]).not.to.have.property("stopJobRunError");
    });

    for (const completion of ["sync", "event"]) {
      it(`leaves no run behind either where a task waits for the run: ${completion}`, async () => {
        const awaited = await graphOf(stack, { ...config, completion, simulatedDurationSeconds: "200" });
        const { failures, events } = await interrupted(awaited, stop());
        expect(failures.map(({ error }) => error)).to.deep.equal(["Execution.ABORTED"]);
        const stopped = events.flatMap((event) =>
          event.kind === "function-log" && event.entry.message === "interrupted" ? [event.entry.stopped] : [],
        );
        expect(stopped).to.have.length(1);
        expect(stopped[0]).to.have.length(1);
      });
    }
  });
}
