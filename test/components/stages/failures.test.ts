import { expect } from "chai";
import { choice, parallel, sequence, wait } from "../../../components/stages/build.ts";
import { jsonata } from "../../../components/state-machine/states.ts";
import { asks, runs } from "./harness.ts";
import { landed, runStages } from "./running.ts";

describe("The definition of stages that fail", () => {
  describe("of a failure", () => {
    it("says which stage it was, and what a replay goes on from", async () => {
      const { result, kept, messages } = await runStages(
        sequence(asks("Profile"), runs("Clean"), runs("Totals"), runs("Publish")),
        { failing: ["Totals"], answers: { profile: () => ({ rows: 3 }) } },
      );
      expect(result).to.include({
        status: "FAILED",
        error: "JobRun.FAILED",
        cause: "Job run jr_Totals of job-totals was FAILED after attempt 3: Totals broke",
      });
      const input = { arguments: landed };
      expect(kept).to.deep.equal(messages);
      expect(kept[0]).to.deep.equal({
        outcome: "failed",
        file: landed,
        executionName: "first",
        stage: "Totals",
        jobName: "job-totals",
        attempts: 3,
        jobRun: { Id: "jr_Totals", JobRunState: "FAILED", ExecutionTime: 3, ErrorMessage: "Totals broke" },
        error: "JobRun.FAILED",
        cause: "Job run jr_Totals of job-totals was FAILED after attempt 3: Totals broke",
        input,
        replay: {
          ...input,
          resume: {
            from: "Totals",
            executionName: "first",
            results: {
              profile: { rows: 3 },
              clean: {
                stage: "Clean",
                jobName: "job-clean",
                attempts: 1,
                jobRun: { Id: "jr_Clean", JobRunState: "SUCCEEDED", ExecutionTime: 3, ErrorMessage: "" },
                output: { bucket: "output-bucket", prefix: "clean/execution=first/" },
              },
              totals: null,
              publish: null,
            },
          },
        },
      });
    });

    it("begins at the beginning where the results are too many to be carried over", async () => {
      const { kept } = await runStages(sequence(asks("Much"), asks("Last")), {
        failing: ["Last"],
        answers: { much: () => "x".repeat(31_000) },
      });
      expect(kept[0]?.replay).to.deep.equal({ arguments: landed });
    });

    it("leads to what follows a failure, which sees it, and on from there", async () => {
      const tell = asks("Tell", "$clean.error & $clean.stage");
      const { result, trail, messages } = await runStages(
        sequence(runs("Clean", { onFailure: tell, retry: { maxAttempts: 1 } }), runs("Totals")),
        { failing: ["Clean"] },
      );
      expect(result.status).to.equal("SUCCEEDED");
      expect(trail).to.include.members(["Tell", "Totals StartJobRun"]);
      const { stages } = messages[0] as { stages: Record<string, Record<string, unknown>> };
      expect(stages.tell).to.deep.equal({ value: "JobRun.FAILEDClean" });
      expect(stages.clean).to.include({ stage: "Clean", error: "JobRun.FAILED" });
      expect(stages.clean).not.to.have.property("output");
    });

    it("has the next job read what there was before the one that failed", async () => {
      const { calls } = await runStages(
        sequence(runs("Clean"), runs("Enrich", { onFailure: wait("Pause", { seconds: 1 }) }), runs("Totals")),
        { failing: ["Enrich"] },
      );
      const [, ...others] = calls.filter(({ name }) => name === "job-clean-start" || name === "job-totals-start");
      expect(
        others.map(({ arguments: { Arguments: given } }) => (given as Record<string, string>)["--input"]),
      ).to.deep.equal(["s3://output-bucket/clean/execution=first/"]);
    });
  });

  describe("of a replay", () => {
    const stage = sequence(
      runs("Clean"),
      choice("Size", { when: [{ condition: jsonata("$file.size > 5"), then: runs("Large") }] }),
      parallel("Report", asks("Left", "$clean.jobName"), asks("Right")),
    );

    it("goes on from the stage that failed, writes where the first execution did, and finds its results", async () => {
      const first = await runStages(stage, { failing: ["Large"] });
      const again = await runStages(stage, { input: first.kept[0]?.replay, executionName: "second" });
      expect(again.trail.slice(0, 2)).to.deep.equal(["Validate", "Large StartJobRun"]);
      const { Arguments: given } = again.calls[0]?.arguments as { Arguments: Record<string, string> };
      expect(given).to.include({
        "--execution_name": "second",
        "--input": "s3://output-bucket/clean/execution=first/",
        "--output": "s3://output-bucket/large/execution=first/",
      });
      const { stages } = again.messages[0] as { stages: Record<string, unknown> };
      expect(stages.left).to.deep.equal({ value: "job-clean" });
    });

    it("begins with all branches where one of them failed", async () => {
      const first = await runStages(stage, { failing: ["Right"] });
      expect(first.kept[0]).to.include({ stage: "Right", error: "Broken", cause: "Right broke" });
      expect(first.kept[0]?.replay).to.have.nested.property("resume.from", "Report");
      const again = await runStages(stage, { input: first.kept[0]?.replay, executionName: "second" });
      expect(again.trail.slice(0, 4)).to.deep.equal(["Validate", "Report", "Left", "Right"]);
      const third = await runStages(stage, {
        input: first.kept[0]?.replay,
        executionName: "second",
        failing: ["Left"],
      });
      expect(third.kept[0]?.replay).to.deep.equal(first.kept[0]?.replay);
    });

    const malformed: readonly (readonly [string, unknown])[] = [
      ["an unknown stage", { from: "Nothing", executionName: "first", results: {} }],
      ["a stage within another", { from: "Left", executionName: "first", results: {} }],
      ["no stage", { executionName: "first", results: {} }],
      ["no name", { from: "Clean", results: {} }],
      ["a name that leads elsewhere", { from: "Clean", executionName: "../x", results: {} }],
      ["no results", { from: "Clean", executionName: "first" }],
      ["text", "Clean"],
    ];
    for (const [what, resume] of malformed) {
      it(`fails when it is to go on from ${what}, and says from where it could`, async () => {
        const { result, kept } = await runStages(stage, { input: { arguments: landed, resume } });
        expect(result).to.include({ status: "FAILED", error: "InvalidInput" });
        expect(kept[0]?.cause)
          .to.include("one of Clean, Size, Large, Report;")
          .and.to.include(typeof resume === "string" ? resume : JSON.stringify(resume));
      });
    }

    it("fails when it asks for another size of its runs", async () => {
      const { result } = await runStages(stage, { input: { arguments: landed, overrides: { NumberOfWorkers: 3 } } });
      expect(result).to.include({
        error: "InvalidOverrides",
        cause: 'overrides must be left out: the runs of stages do not differ, got {"NumberOfWorkers":3}',
      });
    });
  });
});
