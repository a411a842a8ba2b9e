import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { aSimulation } from "../support/jobs.ts";
import { jobRunsIn, notificationsIn, runPipeline } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const steady = aSimulation();

/** The same behaviour of job runs on both stacks: the simulated job has it from config, the embedded Glue is given it. */
const given = async (stack: string, simulation: Partial<Simulation> = {}, config: Record<string, string> = {}) => {
  const { seed, startUpSeconds, durationSeconds, failureRate, scenarios } = { ...steady, ...simulation };
  const graph = await graphOf(stack, {
    simulatedSeed: String(seed),
    simulatedStartUpSeconds: String(startUpSeconds),
    simulatedDurationSeconds: String(durationSeconds),
    simulatedFailureRate: String(failureRate),
    simulatedScenarios: JSON.stringify(scenarios),
    maxConcurrentRuns: "3",
    jobRunQueuing: "false",
    ...config,
  });
  return { graph, options: { simulation: { ...steady, ...simulation } } };
};

for (const stack of ["local", "prod"]) {
  describe(`A file on the ${stack} stack`, () => {
    it("goes through the whole pipeline", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(
        graph,
        [{ key: "incoming/orders.csv", body: 'id,name\n1,"a, b"\n2\n3,c\n' }],
        options,
      );
      const [execution, ...others] = run.executions;
      expect(others).to.deep.equal([]);
      expect(execution).to.include({ status: "SUCCEEDED" });
      expect(execution?.input).to.deep.include({ jobName: graph.outputs.jobName });
      const prefix = `processed/execution=${String(execution?.name)}/`;
      const [jobRun] = jobRunsIn(run.events);
      expect(execution?.output).to.deep.equal({
        outcome: "succeeded",
        file: execution?.input.arguments,
        executionName: execution?.name,
        jobName: graph.outputs.jobName,
        attempts: 1,
        jobRun: { Id: jobRun?.Id, JobRunState: "SUCCEEDED", ExecutionTime: 12, ErrorMessage: "" },
        output: { bucket: graph.outputs.outputBucket, prefix },
      });
      expect(notificationsIn(run.cloud)).to.deep.equal([execution?.output]);
      expect(
        JSON.parse(await run.text("outputBucket", prefix.replace("processed", "summary") + "summary.json")),
      ).to.include({
        rowsIn: 3,
        rowsWritten: 2,
        rowsRejected: 1,
      });
      expect(await run.text("outputBucket", `${prefix}part-00000.parquet`)).to.match(/^PAR1[^]*PAR1$/);
      expect(await run.text("outputBucket", prefix.replace("processed", "rejected") + "rejected.csv")).to.include(
        "\n3,",
      );
      expect(run.queue("failures")).to.deep.equal([]);
    });

    it("gives its job Glue's arguments, all of them text", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      const [execution] = run.executions;
      expect(jobRunsIn(run.events)[0]?.Arguments).to.deep.equal({
        "--bucket": graph.outputs.landingBucket,
        "--key": "incoming/a.csv",
        "--version_id": execution?.input.arguments.versionId,
        "--size": "8",
        "--output_bucket": graph.outputs.outputBucket,
        "--execution_name": execution?.name,
        "--attempt": "1",
      });
    });

    it("is rejected with its reason before a job is paid for", async () => {
      const { graph, options } = await given(stack, {}, { maxFileBytes: "20", minFileBytes: "3" });
      const run = await runPipeline(
        graph,
        [
          { key: "incoming/empty.csv", body: "" },
          { key: "incoming/report.pdf" },
          { key: "incoming/csv" },
          { key: "incoming/small.csv", body: "a" },
          { key: "incoming/LARGE.CSV", body: "a".repeat(21) },
          { key: "incoming/UPPER.CSV" },
        ],
        options,
      );
      const reasons = run.executions.map(({ status, output }) => [status, output?.outcome, output?.reason]);
      expect(reasons).to.have.deep.members([
        ["SUCCEEDED", "rejected", "it is empty"],
        ["SUCCEEDED", "rejected", "its name must end in .csv"],
        ["SUCCEEDED", "rejected", "its name must end in .csv"],
        ["SUCCEEDED", "rejected", "its size, 1 bytes, is below the minimum of 3"],
        ["SUCCEEDED", "rejected", "its size, 21 bytes, is over the maximum of 20"],
        ["SUCCEEDED", "succeeded", undefined],
      ]);
      expect(jobRunsIn(run.events)).to.have.length(1);
      expect(notificationsIn(run.cloud).filter(({ outcome }) => outcome === "rejected")).to.have.length(5);
      expect(await run.text("landingBucket", "incoming/report.pdf")).to.equal("a,b\n1,2\n");
    });

    it("is run again after a failure, with backoff, and succeeds", async () => {
      const { graph, options } = await given(stack, {
        scenarios: [{ match: "*", attempts: [1, 2], Return: { JobRunState: "FAILED", ErrorMessage: "out of memory" } }],
      });
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]?.output).to.deep.include({ outcome: "succeeded", attempts: 3 });
      expect(
        jobRunsIn(run.events).map(({ JobRunState, Arguments }) => [JobRunState, Arguments?.["--attempt"]]),
      ).to.deep.equal([
        ["FAILED", "1"],
        ["FAILED", "2"],
        ["SUCCEEDED", "3"],
      ]);
      const backOffs = run.events.flatMap((event) =>
        event.kind === "history" && event.event.details.name === "BackOff" ? [event.at] : [],
      );
      expect(
        backOffs.map((at, index) => (index % 2 === 1 ? (at - Number(backOffs[index - 1])) / 1000 : 0)),
      ).to.deep.equal([0, 30, 0, 60]);
    });

    const endings: readonly [string, number][] = [
      ["FAILED", 3],
      ["ERROR", 3],
      ["EXPIRED", 3],
      ["STOPPED", 1],
      ["TIMEOUT", 1],
    ];
    for (const [state, attempts] of endings) {
      it(`fails after ${attempts} run${attempts === 1 ? "" : "s"} that end ${state}, and waits in the failure queue with all that a replay needs`, async () => {
        const { graph, options } = await given(stack, {
          scenarios: [{ match: "*", Return: { JobRunState: state as "FAILED", ErrorMessage: "because" } }],
        });
        const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
        const [execution] = run.executions;
        const id = jobRunsIn(run.events).at(-1)?.Id;
        expect(execution).to.include({ status: "FAILED", error: `JobRun.${state}` });
        expect(execution?.cause).to.include(
          `Job run ${String(id)} of ${String(graph.outputs.jobName)} was ${state} after attempt ${attempts}`,
        );
        const [message, ...others] = run.queue("failures") as Record<string, unknown>[];
        expect(others).to.deep.equal([]);
        expect(message).to.deep.include({
          outcome: "failed",
          executionName: execution?.name,
          attempts,
          error: execution?.error,
          cause: execution?.cause,
          input: execution?.input,
        });
        expect(notificationsIn(run.cloud)).to.deep.equal([message]);
        expect(await run.text("landingBucket", "incoming/a.csv")).to.equal("a,b\n1,2\n");
      });
    }

    it("keeps the error and the cause of a start that is refused for good, after a few tries", async () => {
      const { graph, options } = await given(stack, {
        scenarios: [{ match: "*", Throw: { Error: "InvalidInputException", Cause: "no such worker" } }],
      });
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]).to.include({ status: "FAILED", error: "Glue.InvalidInputException" });
      expect(run.executions[0]?.cause).to.include("no such worker");
      expect(failedTasks(run)).to.have.length(3);
      expect(run.queue("failures")).to.have.length(1);
    });

    it("waits its turn when all places for runs are taken", async () => {
      const { graph, options } = await given(stack);
      const uploads = Array.from({ length: 20 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, uploads, options);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(uploads.map(() => "succeeded"));
      expect(failedTasks(run)).not.to.be.empty;
      expect(mostAtOnce(run)).to.equal(3);
    });

    it("queues when the job lets it, without a refused start", async () => {
      const { graph, options } = await given(stack, {}, { jobRunQueuing: "true" });
      const uploads = Array.from({ length: 20 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, uploads, options);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(uploads.map(() => "succeeded"));
      expect(failedTasks(run)).to.deep.equal([]);
    });

    it("is looked at at once, then each second, where no time may be lost", async () => {
      const { graph, options } = await given(
        stack,
        { startUpSeconds: 0, durationSeconds: 2 },
        { pollFloorSeconds: "0" },
      );
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]).to.include({ status: "SUCCEEDED" });
      const looks = run.events.flatMap((event) =>
        event.kind === "history" && event.event.details.name === "GetJobRun" && event.event.type.endsWith("Entered")
          ? [event.at]
          : [],
      );
      expect(looks.map((at) => at - (looks[0] ?? 0))).to.deep.equal([0, 1000, 2000]);
    });

    it("is given up when its run never ends", async () => {
      const { graph, options } = await given(
        stack,
        { durationSeconds: 7200 },
        { jobTimeoutMinutes: "600", giveUpAfterMinutes: "10" },
      );
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }], options);
      expect(run.executions[0]).to.include({ status: "FAILED", error: "JobRun.RUNNING" });
    });

    it("fails, and says why, when it is no CSV", async () => {
      const { graph, options } = await given(stack, {}, { maxAttempts: "1" });
      const run = await runPipeline(
        graph,
        [
          { key: "incoming/binary.csv", body: Buffer.from([0x61, 0x0a, 0x00, 0xff]) },
          { key: "incoming/latin.csv", body: Buffer.from("a\né\n", "latin1") },
          { key: "incoming/one-column.csv", body: "a\n1\n2\n" },
        ],
        options,
      );
      const byKey = Object.fromEntries(
        run.executions.map((execution) => [String(execution.input.arguments.key), execution]),
      );
      expect(byKey["incoming/binary.csv"]?.cause).to.match(/the file is not text: NUL byte at offset 2/);
      expect(byKey["incoming/latin.csv"]?.cause).to.match(/the file is not UTF-8 text: bad byte at offset 2/);
      expect(byKey["incoming/one-column.csv"]?.output).to.include({ outcome: "succeeded" });
    });

    it("keeps its name, however awkward", async () => {
      const { graph, options } = await given(stack);
      const keys = [
        "incoming/a b.csv",
        "incoming/a+b.csv",
        "incoming/100%.csv",
        "incoming/%2B.csv",
        `incoming/it's "quoted".csv`,
        "incoming/😀 ünïcode.csv",
        `incoming/${"x".repeat(1024 - "incoming/.csv".length)}.csv`,
      ];
      const run = await runPipeline(
        graph,
        keys.map((key) => ({ key })),
        options,
      );
      expect(run.executions.map(({ input }) => input.arguments.key)).to.have.members(keys);
      expect(run.executions.map(({ output }) => output?.outcome)).to.deep.equal(keys.map(() => "succeeded"));
    });

    it("is ignored outside of the landing prefix, and so is a folder's marker", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(
        graph,
        [{ key: "elsewhere/a.csv" }, { key: "incoming/folder/", body: "" }],
        options,
      );
      expect(run.executions).to.deep.equal([]);
      expect(run.events.filter(({ kind }) => kind === "object-ignored")).to.have.length(1);
    });

    it("is run twice when it is uploaded twice, once for each version", async () => {
      const { graph, options } = await given(stack);
      const run = await runPipeline(graph, [{ key: "incoming/a.csv" }, { key: "incoming/a.csv" }], options);
      expect(new Set(run.executions.map(({ name }) => name)).size).to.equal(2);
      expect(new Set(run.executions.map(({ input }) => input.arguments.versionId)).size).to.equal(2);
    });
  });
}

/** The most runs whose time from start to end overlaps. */
const failedTasks = ({ events }: Awaited<ReturnType<typeof runPipeline>>) =>
  events.filter((event) => event.kind === "history" && /(TaskFailed|LambdaFunctionFailed)/.test(event.event.type));

const mostAtOnce = ({ events }: Awaited<ReturnType<typeof runPipeline>>): number => {
  const runs = jobRunsIn(events).map(
    ({ StartedOn, CompletedOn }) =>
      [Number(new Date(String(StartedOn))), Number(new Date(String(CompletedOn)))] as const,
  );
  return Math.max(...runs.map(([from]) => runs.filter(([start, end]) => start <= from && from < end).length));
};
