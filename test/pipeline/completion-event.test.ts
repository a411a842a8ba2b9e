import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../local/clock.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ServiceError } from "../../local/services/service.ts";
import { deaf, hearingTwice, isStart } from "../support/completion.ts";
import { interfere, throttle } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { cloudOf, jobRunsIn, notificationsIn, runPipeline, type PipelineRun } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const message = 'because of "quotes"\n{';

const scenarios: Simulation["scenarios"] = [
  { match: "*twice*", attempts: [1, 2], Return: { JobRunState: "FAILED", ErrorMessage: "out of memory" } },
  ...(["FAILED", "TIMEOUT", "STOPPED", "ERROR"] as const).map((state) => ({
    match: `*${state}*`,
    Return: { JobRunState: state, ErrorMessage: message },
  })),
  { match: "*refused*", Throw: { Error: "InvalidInputException", Cause: "no such worker" } },
];

type Config = Readonly<Record<string, string>>;

/** Runs whose end an event tells of, behaving alike on both stacks. */
const given = async (stack: string, simulation: Partial<Simulation> = {}, config: Config = {}) => {
  const behaviour = aSimulation({ scenarios, ...simulation });
  const graph = await graphOf(stack, {
    completion: "event",
    jobTimeoutMinutes: "9",
    jobRunQueuing: "false",
    maxConcurrentRuns: "3",
    ...(stack === "local" && {
      simulatedSeed: String(behaviour.seed),
      simulatedDurationSeconds: String(behaviour.durationSeconds),
      simulatedFailureRate: String(behaviour.failureRate),
      simulatedScenarios: JSON.stringify(behaviour.scenarios),
    }),
    ...config,
  });
  return { graph, options: { simulation: behaviour } };
};

const statesIn = ({ events }: Pick<PipelineRun, "events">): readonly string[] =>
  events.flatMap((event) =>
    event.kind === "history" && event.event.type.endsWith("StateEntered") ? [String(event.event.details.name)] : [],
  );

const secondsOf = ({ events }: Pick<PipelineRun, "events">): number => {
  const at = (kind: string) => events.find((event) => event.kind === kind)?.at ?? NaN;
  return (at("execution-ended") - at("execution-started")) / 1000;
};

/** What the function answered that ends the tasks which wait. */
const resolvedIn = ({ events }: Pick<PipelineRun, "events">): readonly unknown[] =>
  events.flatMap((event) =>
    event.kind === "function-log" && event.functionName.startsWith("csv-completion") && "state" in event.entry
      ? [event.entry.message]
      : [],
  );

const landing = async (
  graph: ResourceGraph,
  options: Parameters<typeof cloudOf>[1],
  meddle: (cloud: PipelineRun["cloud"], clock: VirtualClock) => void,
) => {
  const clock = new VirtualClock(start);
  const run = await cloudOf(graph, { ...options, clock });
  meddle(run.cloud, clock);
  const Bucket = String(graph.outputs.landingBucket);
  await run.cloud.asUser.putObject({ Bucket, Key: "incoming/a.csv", Body: Buffer.from("a,b\n1,2\n") });
  await run.cloud.settle();
  return run;
};

const outcomesOf = ({ cloud }: Pick<PipelineRun, "cloud">): readonly unknown[] =>
  notificationsIn(cloud).map(({ outcome }) => outcome);

for (const stack of ["local", "prod"]) {
  describe(`A file on the ${stack} stack, whose run tells of its end by an event`, () => {
    it("comes to the same result as with polling, as soon as the run has ended, in five transitions", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      const [execution, ...others] = run.executions;
      expect(others).to.deep.equal([]);
      const [jobRun, ...more] = jobRunsIn(run.events);
      expect(more).to.deep.equal([]);
      expect(execution?.output).to.deep.equal({
        outcome: "succeeded",
        file: execution?.input.arguments,
        executionName: execution?.name,
        jobName: graph.outputs.jobName,
        attempts: 1,
        jobRun: { Id: jobRun?.Id, JobRunState: "SUCCEEDED", ExecutionTime: 12, ErrorMessage: "" },
        output: { bucket: graph.outputs.outputBucket, prefix: `processed/execution=${String(execution?.name)}/` },
      });
      expect(notificationsIn(run.cloud)).to.deep.equal([execution?.output]);
      expect(secondsOf(run)).to.equal(20);
      expect(statesIn(run)).to.deep.equal(["Validate", "StartJobRun", "CheckJobRun", "NotifySucceeded", "Succeeded"]);
    });

    it("is run again after a failure, each time as soon as it is told", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/twice.csv" }], options);
      expect(run.executions[0]?.output).to.deep.include({ outcome: "succeeded", attempts: 3 });
      expect(
        jobRunsIn(run.events).map(({ JobRunState, Arguments }) => [JobRunState, Arguments?.["--attempt"]]),
      ).to.deep.equal([
        ["FAILED", "1"],
        ["FAILED", "2"],
        ["SUCCEEDED", "3"],
      ]);
      expect(statesIn(run)).not.to.include("FindJobRun");
    });

    for (const [state, attempts] of [
      ["FAILED", 3],
      ["TIMEOUT", 1],
      ["STOPPED", 1],
    ] as const) {
      it(`fails after ${attempts} told to have ended ${state}, with the message that polling gives`, async () => {
        const { graph, options } = await given(stack);
        const run = await runPipeline(graph, [{ key: `incoming/${state}.csv` }], options);
        const id = jobRunsIn(run.events).at(-1)?.Id;
        expect(run.executions[0]).to.include({
          status: "FAILED",
          error: `JobRun.${state}`,
          cause: `Job run ${String(id)} of ${String(graph.outputs.jobName)} was ${state} after attempt ${attempts}: ${message}`,
        });
        expect(run.queue("failures")).to.have.length(1);
        expect(statesIn(run)).not.to.include("FindJobRun");
      });
    }

    it("is looked for after an end that Glue tells nobody of", async () => {
      const { graph, options } = await given(stack, {}, { maxAttempts: "1" });
      const run = await runPipeline(graph, [{ key: "incoming/ERROR.csv" }], options);
      expect(run.executions[0]?.error).to.equal("JobRun.ERROR");
      expect(secondsOf(run)).to.equal(900);
    });

    it("keeps the error and the cause of a start that is refused for good", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/refused.csv" }], options);
      expect(run.executions[0]).to.include({ status: "FAILED", error: "Glue.InvalidInputException" });
      expect(run.executions[0]?.cause).to.include('"errorMessage":"no such worker"');
    });

    it("waits its turn when all places for runs are taken", async () => {
      const { graph, options } = await given(stack);
      const uploads = Array.from({ length: 12 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, uploads, options);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(uploads.map(() => "succeeded"));
      expect(jobRunsIn(run.events)).to.have.length(uploads.length);
      expect(statesIn(run)).not.to.include("FindJobRun");
    });

    it("is found by a look when the event is lost", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(deaf(graph), [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]?.output).to.deep.include({ outcome: "succeeded", attempts: 1 });
      expect(statesIn(run)).to.include.members(["FindJobRun", "GetJobRun"]);
      expect(secondsOf(run)).to.equal(900);
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
    });

    it("ends once when the event comes twice", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(hearingTwice(graph), [{ key: "incoming/a.csv" }], options);
      expect(resolvedIn(run)).to.have.members(["resolved", "late"]);
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(run.queue("failures")).to.deep.equal([]);
    });

    it("takes an end that is told before its start has answered", async () => {
      const { graph, options } = await given(stack);
      const run = await landing(graph, options, (cloud, clock) => {
        interfere(cloud, async (call) => {
          const answer = await call.proceed();
          if (isStart(call)) await clock.sleep(40_000);
          return answer;
        });
      });
      // The run of a simulated job is announced only once its start has answered.
      expect(secondsOf(run)).to.be.oneOf([40]);
      expect(statesIn(run)).not.to.include("FindJobRun");
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
    });

    it("pays no heed to an event that comes after it was given up waiting for", async () => {
      const { graph, options } = await given(stack, { durationSeconds: 100 }, { eventHeartbeatSeconds: "60" });
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]?.output).to.deep.include({ outcome: "succeeded", attempts: 1 });
      expect(resolvedIn(run)).to.deep.equal(["late"]);
      expect(jobRunsIn(run.events)).to.have.length(1);
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(secondsOf(run)).to.be.within(108, 115);
    });

    it("is told of again while Step Functions turns the news away, and looked for where that goes on", async () => {
      const { graph, options } = await given(stack);
      const refused = { service: "states", operation: "sendTaskSuccess", error: "ThrottlingException" };
      const some = await landing(graph, options, (cloud) => throttle(cloud, { ...refused, times: 2 }));
      expect(outcomesOf(some)).to.deep.equal(["succeeded"]);
      expect(statesIn(some)).not.to.include("FindJobRun");
      const all = await landing(graph, options, (cloud) => throttle(cloud, { ...refused, times: Infinity }));
      expect(outcomesOf(all)).to.deep.equal(["succeeded"]);
      expect(statesIn(all)).to.include("FindJobRun");
    });

    it("has one run when the answer to its start is lost, which is looked at then", async () => {
      const { graph, options } = await given(stack);
      let lost = 0;
      const run = await landing(graph, options, (cloud) => {
        interfere(cloud, async (call) => {
          const answer = await call.proceed();
          if (!isStart(call) || lost > 0) return answer;
          lost += 1;
          throw new ServiceError("InternalServiceException", "The answer was lost");
        });
      });
      expect(lost).to.equal(1);
      expect(jobRunsIn(run.events)).to.have.length(1);
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(secondsOf(run)).to.be.within(20, 30);
    });
  });
}

describe("A simulated run that tells of its end", () => {
  it("does so when it ends, however much longer it takes than a message can wait", async () => {
    const config = { jobTimeoutMinutes: "60", eventHeartbeatSeconds: "3600" };
    const { graph, options } = await given("local", { durationSeconds: 2000 }, config);
    const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
    expect(secondsOf(run)).to.equal(2008);
    expect(statesIn(run)).to.have.length(5);
    const reminders = run.events.filter((event) => event.kind === "message-sent" && event.queue.includes("ends"));
    expect(reminders).to.have.length(1 + 3);
  });
});
