import { expect } from "chai";
import { choice, map, parallel, sequence, wait } from "../../../components/stages/build.ts";
import type { Stage } from "../../../components/stages/stage.ts";
import { stagesDefinition } from "../../../components/stages/stages-definition.ts";
import { hasDistributedMap } from "../../../components/state-machine/render.ts";
import { jsonata } from "../../../components/state-machine/states.ts";
import { StatesError } from "../../../local/states/machine.ts";
import { argsOf, asks, bucketOf, definitionOf, runs } from "./harness.ts";
import { landed, runStages } from "./running.ts";

const statesOf = async (stage: Stage) => (await definitionOf(stage)).States;

describe("The definition of stages within stages", () => {
  describe("of a parallel stage", () => {
    const stage = sequence(
      runs("Clean"),
      parallel(
        "Report",
        sequence(runs("Totals"), asks("Look", "$totals.output.prefix & $clean.stage")),
        sequence(wait("Pause", { seconds: 3600 }), runs("Regions")),
      ),
      asks("After", "$totals.stage & $look.value & $regions.stage"),
    );

    it("hands up what its branches leave behind", async () => {
      const { messages } = await runStages(stage);
      const { stages } = messages[0] as { stages: Record<string, unknown> };
      expect(stages.after).to.deep.equal({ value: "Totalstotals/execution=first/CleanRegions" });
    });

    it("calls the variables of branches by other names, which AWS asks for, in expressions too", async () => {
      const { Report: report } = await statesOf(stage);
      const [first] = (report as { Branches: { States: Record<string, Record<string, unknown>> }[] }).Branches;
      expect(first?.States.Look?.Arguments).to.deep.equal({ value: "{% $totals_1.output.prefix & $clean.stage %}" });
      expect(report?.Assign).to.deep.equal({
        totals: "{% $states.result[0].totals %}",
        look: "{% $states.result[0].look %}",
        regions: "{% $states.result[1].regions %}",
      });
    });

    it("stops the other branches and their runs when one fails, and tells whose failure it was", async () => {
      const { kept, calls, seconds } = await runStages(stage, { failing: ["Look"] });
      expect(seconds).to.be.lessThan(3600);
      expect(calls.filter(({ name }) => name === "stop-runs")).to.deep.equal([
        {
          name: "stop-runs",
          arguments: {
            executionName: "first",
            startedAt: "2026-01-01T00:00:00.000Z",
            stages: ["Totals", "Regions"],
          },
        },
      ]);
      expect(kept[0]).to.include({ stage: "Look", error: "Broken", cause: "Look broke" });
    });

    it("tells the failure even so when the runs could not be stopped", async () => {
      const { kept } = await runStages(stage, { failing: ["Look", "Report StopRuns"] });
      expect(kept[0]).to.include({ stage: "Look", stopRunsError: "Broken: Report StopRuns broke" });
    });

    it("stops nothing where there are no runs", async () => {
      const { trail } = await runStages(parallel("Report", asks("Left"), asks("Right")), { failing: ["Right"] });
      expect(trail.slice(-4)).to.deep.equal(["DescribeFailure", "KeepFailure", "NotifyFailed", "Failed"]);
      expect(trail).not.to.include("Report StopRuns");
    });

    it("tells a failure from any depth, however long its cause", async () => {
      const nested = parallel(
        "Outer",
        map("Each part", { over: { items: [1] }, each: () => parallel("Inner", asks("Deep")) }),
      );
      const { kept } = await runStages(nested, {
        answers: {
          deep: () => {
            throw new StatesError("Broken", `"${"x".repeat(32_000)}`);
          },
        },
      });
      expect(kept[0]).to.include({ stage: "Deep", error: "Broken", cause: `"${"x".repeat(9999)}` });
      expect(kept[0]?.replay).to.have.nested.property("resume.from", "Outer");
    });
  });

  describe("of a map", () => {
    const over = { items: jsonata("$profile.parts") };
    const answers = { profile: () => ({ parts: ["a", "b", "c"] }) };

    it("does its stage for each item, and keeps the results where it is asked to", async () => {
      const each = (item: string) => asks("Send", `${item} & $file.bucket`);
      for (const results of ["none", "array"] as const) {
        const stage = sequence(asks("Profile"), map("Parts", { over, each, results }));
        const { messages, calls } = await runStages(stage, { answers });
        expect(calls.filter(({ name }) => name === "send").map(({ arguments: { value } }) => value)).to.deep.equal([
          ...["alanding", "blanding", "clanding"],
        ]);
        const { stages } = messages[0] as { stages: Record<string, unknown> };
        expect(stages.parts).to.deep.equal(
          results === "none" ? null : ["alanding", "blanding", "clanding"].map((value) => ({ value })),
        );
      }
    });

    it("fails with the stage that failed within it, unless something follows that", async () => {
      const parts = map("Parts", {
        over,
        each: () => asks("Send"),
        onFailure: asks("Tell", "$parts.stage & $parts.error"),
      });
      const failing = await runStages(
        sequence(asks("Profile"), { ...parts, onFailure: wait("Rest", { seconds: 1 }) }),
        {
          failing: ["Send"],
          answers,
        },
      );
      expect(failing.result.status).to.equal("SUCCEEDED");
      const told = await runStages(sequence(asks("Profile"), parts), { failing: ["Send"], answers });
      expect((told.messages[0] as { stages: Record<string, unknown> }).stages.tell).to.deep.equal({
        value: "SendBroken",
      });
    });

    const bucket = bucketOf("items");
    const objects = { "in/a.csv": "1", "in/b.csv": "22", "other/c.csv": "3" };

    it("does it for each object of a prefix, in executions of their own that know what there is outside", async () => {
      const stage = sequence(
        asks("Profile"),
        map("Files", {
          over: { objects: { bucket, prefix: "in/" } },
          each: (item) =>
            sequence(
              asks("Send", `{"item": ${item}.Key, "of": $executionName, "file": $file.key, "parts": $profile.parts}`),
              runs("Clean", { arguments: { "--sent": jsonata("$send.value.item") } }),
            ),
        }),
      );
      const { calls, messages } = await runStages(stage, { answers, objects });
      const facts = { of: "first", file: "incoming/a.csv", parts: ["a", "b", "c"] };
      expect(calls.filter(({ name }) => name === "send").map(({ arguments: { value } }) => value)).to.deep.equal([
        { item: "in/a.csv", ...facts },
        { item: "in/b.csv", ...facts },
      ]);
      const { Arguments: given } = calls.find(({ name }) => name === "job-clean-start")?.arguments as {
        Arguments: Record<string, string>;
      };
      expect(given).to.include({
        "--execution_name": "first",
        "--input": "s3://landing/incoming/a.csv",
        "--output": "s3://output-bucket/clean/execution=first/",
        "--sent": "in/a.csv",
      });
      const { stages } = messages[0] as { stages: { files: { manifest: { bucket: string; key: string } } } };
      expect(stages.files.manifest.bucket).to.equal("output-bucket");
      expect(stages.files.manifest.key).to.match(/^maps\/files\/execution=first\/.*manifest\.json$/);
    });

    it("does it for batches of a file's entries, and writes their results where they are wanted", async () => {
      const stage = map("Rows", {
        over: { entries: { bucket, key: jsonata('"lists/" & $file.size & ".csv"'), format: "CSV" } },
        each: (item) => asks("Send", `$sum(${item}.($number(n))) & $file.bucket`),
        batchSize: 2,
        results: { writeTo: { bucket, prefix: "done/" } },
      });
      const { calls, written } = await runStages(stage, { objects: { "lists/10.csv": "n\n1\n2\n3\n" } });
      expect(calls.filter(({ name }) => name === "send").map(({ arguments: { value } }) => value)).to.deep.equal([
        ...["3landing", "3landing"],
      ]);
      expect(Object.keys(written).every((key) => key.startsWith("done/execution=first/"))).to.equal(true);
      expect(Object.keys(written).some((key) => key.endsWith("manifest.json"))).to.equal(true);
    });

    it("gives the jobs of its items what the job has written that has run outside", async () => {
      const either = choice("Size", { when: [{ condition: jsonata("$file.size > 5"), then: runs("Large") }] });
      const each = () => runs("Clean");
      const stage = sequence(either, map("Files", { over: { objects: { bucket, prefix: "in/" } }, each }));
      for (const [size, input] of [
        [10, "s3://output-bucket/large/execution=first/"],
        [1, "s3://landing/incoming/a.csv"],
      ] as const) {
        const { calls } = await runStages(stage, { objects, input: { arguments: { ...landed, size } } });
        const start = calls.find(({ name }) => name === "job-clean-start");
        expect(start?.arguments).to.have.nested.property("Arguments.--input", input);
      }
    });

    it("bears as many failures as it is told to", async () => {
      const stage = (toleratedFailureCount: number) =>
        map("Files", {
          over: { objects: { bucket, prefix: "in/" } },
          each: (item) => asks("Send", `${item}.Key`),
          toleratedFailureCount,
        });
      const failing = {
        objects,
        answers: {
          send: ({ value }: Readonly<Record<string, unknown>>) => {
            if (value === "in/a.csv") throw new StatesError("Broken", "a broke");
            return value;
          },
        },
      };
      const [borne, not] = [await runStages(stage(1), failing), await runStages(stage(0), failing)];
      expect(borne.result.status).to.equal("SUCCEEDED");
      expect(not.kept[0]).to.include({ stage: "Files", error: "States.ExceedToleratedFailureThreshold" });
    });

    it("needs to start executions of the machine only where items have their own", () => {
      const ofItems = map("Parts", { over: { items: [1] }, each: () => asks("Send") });
      const ofObjects = map("Files", { over: { objects: { bucket, prefix: "in/" } }, each: () => asks("Send") });
      expect(hasDistributedMap(stagesDefinition(argsOf(ofItems)))).to.equal(false);
      expect(hasDistributedMap(stagesDefinition(argsOf(parallel("Both", asks("Left"), ofObjects))))).to.equal(true);
    });
  });
});
