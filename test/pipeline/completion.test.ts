import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { aSimulation } from "../support/jobs.ts";
import { jobRunsIn, notificationsIn, runPipeline, type PipelineRun } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const states = ["FAILED", "ERROR", "EXPIRED", "STOPPED", "TIMEOUT"] as const;
const message = 'because of "quotes"\n{';

/** What becomes of a file's runs is in its name, so that all can go through one program. */
const scenarios: Simulation["scenarios"] = [
  { match: "*twice*", attempts: [1, 2], Return: { JobRunState: "FAILED", ErrorMessage: "out of memory" } },
  ...states.map((state) => ({ match: `*${state}*`, Return: { JobRunState: state, ErrorMessage: message } })),
  { match: "*refused*", Throw: { Error: "InvalidInputException", Cause: "no such worker" } },
];

/** Runs whose end the task that starts them waits for, behaving alike on both stacks. */
const given = async (stack: string, simulation: Partial<Simulation> = {}, config: Record<string, string> = {}) => {
  const behaviour = aSimulation({ scenarios, ...simulation });
  const graph = await graphOf(stack, {
    completion: "sync",
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

const failedTasks = ({ events }: PipelineRun) =>
  events.filter((event) => event.kind === "history" && /(TaskFailed|LambdaFunctionFailed)/.test(event.event.type));

const secondsOf = ({ events }: PipelineRun): number => {
  const at = (kind: string) => events.find((event) => event.kind === kind)?.at ?? NaN;
  return (at("execution-ended") - at("execution-started")) / 1000;
};

for (const stack of ["local", "prod"]) {
  describe(`A file on the ${stack} stack, with a task that waits for its run`, () => {
    it("comes to the same result as with polling", async () => {
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
      expect(
        await run.text("outputBucket", `processed/execution=${String(execution?.name)}/part-00000.parquet`),
      ).to.match(/^PAR1[^]*PAR1$/);
    });

    it("is seen to have ended by a look each minute", async () => {
      const { graph, options } = await given(stack);
      expect(secondsOf(await runPipeline(graph, [{ key: "incoming/a.csv" }], options))).to.equal(60);
    });

    it("is run again after a failure, as often as maxAttempts says and not by the task itself", async () => {
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
      expect(secondsOf(run)).to.equal(60 + 30 + 60 + 60 + 60);
    });

    for (const state of states) {
      const attempts = state === "STOPPED" || state === "TIMEOUT" ? 1 : 3;
      it(`fails after ${attempts} run${attempts === 1 ? "" : "s"} that end${attempts === 1 ? "s" : ""} ${state}, with the message that polling gives`, async () => {
        const { graph, options } = await given(stack);
        const run = await runPipeline(graph, [{ key: `incoming/${state}.csv` }], options);
        const [execution] = run.executions;
        const runs = jobRunsIn(run.events);
        expect(runs).to.have.length(attempts);
        const id = runs.at(-1)?.Id;
        expect(execution).to.include({
          status: "FAILED",
          error: `JobRun.${state}`,
          cause: `Job run ${String(id)} of ${String(graph.outputs.jobName)} was ${state} after attempt ${attempts}: ${message}`,
        });
        const [kept, ...others] = run.queue("failures") as Record<string, unknown>[];
        expect(others).to.deep.equal([]);
        expect(kept).to.deep.include({
          outcome: "failed",
          executionName: execution?.name,
          attempts,
          error: execution?.error,
          cause: execution?.cause,
          input: execution?.input,
        });
        expect(kept?.jobRun).to.deep.include({ Id: id, JobRunState: state });
        expect(notificationsIn(run.cloud)).to.deep.equal([kept]);
      });
    }

    it("keeps the error and the cause of a start that is refused for good", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/refused.csv" }], options);
      expect(run.executions[0]).to.include({ status: "FAILED", error: "Glue.InvalidInputException" });
      expect(run.executions[0]?.cause).to.include("no such worker");
      expect(failedTasks(run)).to.have.length(1);
      expect(run.queue("failures")).to.have.length(1);
    });

    it("waits its turn when all places for runs are taken", async () => {
      const { graph, options } = await given(stack);
      const uploads = Array.from({ length: 12 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, uploads, options);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(uploads.map(() => "succeeded"));
      expect(failedTasks(run)).not.to.be.empty;
      expect(jobRunsIn(run.events)).to.have.length(uploads.length);
    });

    it("queues when the job lets it, without a refused start", async () => {
      const { graph, options } = await given(stack, {}, { jobRunQueuing: "true" });
      const uploads = Array.from({ length: 12 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, uploads, options);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(uploads.map(() => "succeeded"));
      expect(failedTasks(run)).to.deep.equal([]);
    });

    it("fails, and says why, when it is no CSV", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(
        graph,
        [{ key: "incoming/a.csv", body: Buffer.from([0x61, 0x0a, 0, 0xff]) }],
        options,
      );
      expect(run.executions[0]?.error).to.equal("JobRun.FAILED");
      expect(run.executions[0]?.cause).to.match(/the file is not text: NUL byte at offset 2/);
    });
  });
}

describe("A task that waits for its run", () => {
  it("gives up a real run that outlives its own time-out, and says after how long", async () => {
    const { graph, options } = await given("prod", { startUpSeconds: 7200 });
    const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
    expect(run.executions[0]).to.include({
      status: "FAILED",
      error: "States.Timeout",
      cause: "The job run had not ended 69 minutes after it was asked for",
    });
    expect(run.queue("failures")).to.have.length(1);
  });

  it("sees the end of a long real run by a look every five minutes", async () => {
    const { graph, options } = await given("prod", { durationSeconds: 650 }, { jobTimeoutMinutes: "60" });
    expect(secondsOf(await runPipeline(graph, [{ key: "incoming/a.csv" }], options))).to.equal(900);
  });

  it("stops a simulated run that waits longer for its place than a function lives", async () => {
    const { graph, options } = await given(
      "local",
      { durationSeconds: 500 },
      { jobRunQueuing: "true", maxConcurrentRuns: "1", maxAttempts: "1" },
    );
    const run = await runPipeline(graph, [{ key: "incoming/1.csv" }, { key: "incoming/2.csv" }], options);
    const [failed] = run.executions.filter(({ status }) => status === "FAILED");
    expect(run.executions.map(({ status }) => status).sort()).to.deep.equal(["FAILED", "SUCCEEDED"]);
    expect(failed?.error).to.be.oneOf(["JobRun.WAITING", "JobRun.RUNNING"]);
    expect(failed?.cause).to.match(/after attempt 1: given up$/);
  });
});
