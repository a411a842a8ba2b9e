import { expect } from "chai";
import { choice, invoke, sequence, task } from "../../../components/stages/build.ts";
import type { Stage } from "../../../components/stages/stage.ts";
import { stagesDefinition } from "../../../components/stages/stages-definition.ts";
import { permissionsOf } from "../../../components/state-machine/render.ts";
import { jsonata } from "../../../components/state-machine/states.ts";
import { argsOf, asks, bucketOf, callOf, definitionOf, runs } from "./harness.ts";
import { landed, runStages } from "./running.ts";

const statesOf = async (stage: Stage) => (await definitionOf(stage)).States;

describe("The definition of a pipeline with stages", () => {
  describe("of a job", () => {
    it("has the states of a single job's run, named after the stage", async () => {
      const states = await statesOf(runs("Clean orders"));
      expect(Object.keys(states)).to.deep.equal([
        ...["Validate", "Clean orders StartJobRun", "Clean orders WaitForJobRun", "Clean orders GetJobRun"],
        ...["Clean orders CheckJobRun", "Clean orders StopJobRun", "Clean orders BackOff", "DescribeFailure"],
        ...["NotifySucceeded", "Succeeded", "KeepFailure", "NotifyFailed", "Failed", "NotifyRejected", "Rejected"],
      ]);
      expect(states["Clean orders WaitForJobRun"]).to.deep.equal({
        Type: "Wait",
        Seconds: "{% $cleanOrders_wait %}",
        Assign: {
          cleanOrders_waited: "{% $cleanOrders_waited + $cleanOrders_wait %}",
          cleanOrders_wait: "{% $min([60, $max([5, $ceil(($cleanOrders_waited + $cleanOrders_wait) * 0.05)])]) %}",
        },
        Next: "Clean orders GetJobRun",
      });
    });

    it("tells each run its stage, what it reads and where it writes", async () => {
      const bucket = bucketOf("reference");
      const clean = runs("Clean", { arguments: { "--threshold": 5, "--who": jsonata("$file.key") } });
      const totals = runs("Totals", { writes: { prefix: "totals/", perExecution: false } });
      const both = runs("Both", { reads: [totals, clean, { bucket, prefix: "rates/" }] });
      const rates = runs("Rates", { reads: { bucket, prefix: "rates/" } });
      const { calls } = await runStages(sequence(clean, totals, both, rates));
      const started = calls.filter(({ name }) => name.endsWith("-start"));
      const common = {
        "--bucket": "landing",
        "--key": "incoming/a.csv",
        "--version_id": "v1",
        "--size": "10",
        "--output_bucket": "output-bucket",
        "--execution_name": "first",
        "--attempt": "1",
      };
      expect(started.map(({ arguments: given }) => given)).to.deep.equal([
        {
          JobName: "job-clean",
          Arguments: {
            ...common,
            "--stage": "Clean",
            "--input": "s3://landing/incoming/a.csv",
            "--output": "s3://output-bucket/clean/execution=first/",
            "--threshold": "5",
            "--who": "incoming/a.csv",
          },
        },
        {
          JobName: "job-totals",
          Arguments: {
            ...common,
            "--stage": "Totals",
            "--input": "s3://output-bucket/clean/execution=first/",
            "--output": "s3://output-bucket/totals/",
          },
        },
        {
          JobName: "job-both",
          Arguments: {
            ...common,
            "--stage": "Both",
            "--input": "s3://output-bucket/totals/",
            "--output": "s3://output-bucket/both/execution=first/",
          },
        },
        {
          JobName: "job-rates",
          Arguments: {
            ...common,
            "--stage": "Rates",
            "--input": "s3://reference/rates/",
            "--output": "s3://output-bucket/rates/execution=first/",
          },
        },
      ]);
    });

    it("runs it again as often as its own retry says", async () => {
      const { calls, kept } = await runStages(runs("Clean", { retry: { maxAttempts: 2 } }), { failing: ["Clean"] });
      const attempts = calls
        .filter(({ name }) => name === "job-clean-start")
        .map(({ arguments: given }) => (given.Arguments as Record<string, string>)["--attempt"]);
      expect(attempts).to.deep.equal(["1", "2"]);
      expect(kept[0]).to.include({
        error: "JobRun.FAILED",
        cause: "Job run jr_Clean of job-clean was FAILED after attempt 2: Clean broke",
      });
    });

    it("ends with the result of each stage and what the last job has written", async () => {
      const { result, messages } = await runStages(sequence(runs("Clean"), asks("Count", "$clean.output.prefix")));
      const clean = {
        stage: "Clean",
        jobName: "job-clean",
        attempts: 1,
        jobRun: { Id: "jr_Clean", JobRunState: "SUCCEEDED", ExecutionTime: 3, ErrorMessage: "" },
        output: { bucket: "output-bucket", prefix: "clean/execution=first/" },
      };
      expect(messages).to.deep.equal([
        {
          outcome: "succeeded",
          file: landed,
          executionName: "first",
          stages: { clean, count: { value: "clean/execution=first/" } },
          output: clean.output,
        },
      ]);
      expect(result).to.deep.include({ status: "SUCCEEDED", output: messages[0] });
    });

    it("leaves out of the end what would be too much of it", async () => {
      const { messages } = await runStages(sequence(asks("Little"), asks("Much")), {
        answers: { little: () => "x", much: () => "x".repeat(5000) },
      });
      expect(messages[0]?.stages).to.deep.equal({ little: "x" });
    });

    it("keeps less of each result where there are many, so that the message of the end has room for all", async () => {
      const names = Array.from({ length: 80 }, (_, index) => `T${index}`);
      const answers = Object.fromEntries(names.map((name) => [name.toLowerCase(), () => "\u65e5".repeat(4000)]));
      const many = await runStages(sequence(...names.map((name) => asks(name))), { answers });
      expect(many.result).to.include({ status: "SUCCEEDED" });
      expect(many.messages[0]?.stages).to.deep.equal({});
    });
  });

  describe("of a task", () => {
    it("makes its call, keeps what is asked for, and hands nothing else on", async () => {
      const { Count: count } = await statesOf(
        sequence(asks("First"), task("Count", { call: callOf("f"), arguments: { of: jsonata("$first") } })),
      );
      expect(count).to.deep.include({
        Type: "Task",
        Arguments: { of: "{% $first %}" },
        TimeoutSeconds: 60,
        Assign: { count: null },
        Output: {},
        Catch: [
          {
            ErrorEquals: ["States.ALL"],
            Assign: {
              failure: {
                stage: "Count",
                error: "{% $states.errorOutput.Error %}",
                cause: '{% $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : "" %}',
              },
            },
            Next: "DescribeFailure",
          },
        ],
        Next: "NotifySucceeded",
      });
    });

    it("calls a function with its payload", async () => {
      const lambda = { arn: "arn:aws:lambda:us-east-1:000000000000:function:f" } as unknown as Parameters<
        typeof invoke
      >[1]["function"];
      const { "Look up": state } = await statesOf(invoke("Look up", { function: lambda, payload: { a: 1 } }));
      expect(state).to.include({ Resource: lambda.arn });
      expect(state?.Arguments).to.deep.equal({ a: 1 });
    });
  });

  describe("of a file", () => {
    it("rejects what no job could do anything with", async () => {
      const input = { arguments: { ...landed, key: "incoming/a.txt" } };
      const { result, messages } = await runStages(runs("Clean"), { input });
      expect(result.status).to.equal("SUCCEEDED");
      expect(messages[0]).to.include({ outcome: "rejected", reason: "its name must end in .csv" });
    });

    it("refuses an input that is none", async () => {
      const { result } = await runStages(runs("Clean"), { input: {} });
      expect(result).to.include({
        error: "InvalidInput",
        cause:
          'The input must be {"arguments": {"bucket", "key", "versionId", "size"}}: the size a number, the others text.',
      });
    });

    it("need not be where something else starts the executions", async () => {
      const { result, calls, trail } = await runStages(runs("Clean"), { input: "anything", withoutFile: true });
      expect(result).to.deep.include({ status: "SUCCEEDED" });
      expect(trail[0]).to.equal("Validate");
      const { Arguments: given } = calls[0]?.arguments as { Arguments: Record<string, string> };
      expect(given).to.deep.equal({
        "--output_bucket": "output-bucket",
        "--execution_name": "first",
        "--attempt": "1",
        "--stage": "Clean",
        "--output": "s3://output-bucket/clean/execution=first/",
      });
    });
  });

  describe("of a choice", () => {
    const small = runs("Small");
    const large = runs("Large");
    const stage = sequence(
      choice("Size", { when: [{ condition: jsonata("$file.size > 100"), then: large }], otherwise: small }),
      runs("Totals"),
    );

    it("takes the first branch whose condition holds, and goes on behind it", async () => {
      for (const [size, job] of [
        [10, "small"],
        [1000, "large"],
      ] as const) {
        const { calls, messages } = await runStages(stage, { input: { arguments: { ...landed, size } } });
        const inputs = calls
          .filter(({ name }) => name.endsWith("-start"))
          .map(({ arguments: { Arguments: given } }) => (given as Record<string, string>)["--input"]);
        expect(inputs).to.deep.equal(["s3://landing/incoming/a.csv", `s3://output-bucket/${job}/execution=first/`]);
        const { stages } = messages[0] as { stages: Record<string, unknown> };
        expect(stages[job === "small" ? "large" : "small"]).to.equal(null);
      }
    });
  });

  it("asks for the permissions of all jobs together", () => {
    const graph = stagesDefinition(argsOf(sequence(runs("Clean"), runs("Totals")), { answerer: "real" }));
    const [start] = permissionsOf(graph).filter(({ sid }) => sid === "StartJobRun");
    expect(start).to.deep.equal({
      sid: "StartJobRun",
      actions: ["glue:StartJobRun"],
      resources: ["clean", "totals"].map((name) => `arn:aws:glue:us-east-1:000000000000:job/job-${name}`),
    });
  });
});
