import { expect } from "chai";
import { parsePreview } from "../../cli/preview/digest.ts";
import { summarise } from "../../cli/preview/summarise.ts";
import { Project, type Operation } from "../support/engine.ts";
import { quickRuns, TestEmulator } from "../support/deployed/deployed.ts";
import { fileIn } from "../support/deployed/files.ts";

/** `type name: op` of what an operation did to resources that are somebody's (components have nothing to deploy). */
const done = ({ steps }: Operation): readonly string[] =>
  steps.filter(({ type }) => type.startsWith("aws:")).map(({ op, type, name }) => `${type} ${name}: ${op}`);

/** The plugin is found on PATH where it was not installed by Pulumi; the engine warns of that each time. */
const ownWarnings = ({ warnings }: Operation): readonly string[] =>
  warnings.filter((warning) => !warning.startsWith("using pulumi-resource-aws from $PATH"));

describe("The program under Pulumi's engine", function () {
  this.timeout("8 minutes");
  const emulator = new TestEmulator();
  let local: Project;
  let prod: Project;

  before(async function () {
    this.timeout("2 minutes");
    await emulator.start();
    local = new Project({ stack: "local", endpoint: emulator.endpoint, config: quickRuns });
    prod = new Project({ stack: "prod", endpoint: emulator.endpoint });
    prod.borrow("local", "aws:");
  });
  after(async () => {
    await emulator.remove();
    local.remove();
    prod.remove();
  });

  for (const stack of ["local", "prod"] as const) {
    it(`can be previewed for ${stack}, where it creates everything and warns of nothing`, async () => {
      const preview = await (stack === "local" ? local : prod).preview();
      expect(Object.keys(preview.changes)).to.deep.equal(["create"]);
      expect(done(preview)).to.include("aws:sfn/stateMachine:StateMachine csv: create");
      expect(done(preview)).to.include(
        stack === "local" ? "aws:dynamodb/table:Table csv-job: create" : "aws:glue/job:Job csv-job: create",
      );
      expect(ownWarnings(preview)).to.deep.equal([]);
    });
  }

  it("is refused before anything is created when its config is wrong, with all that is wrong", async () => {
    const wrong = new Project({
      stack: "local",
      endpoint: emulator.endpoint,
      config: { workerType: "G.025X", numberOfWorkers: "2", simulatedFailureRate: "2" },
    });
    try {
      const error = await wrong.up().then(
        () => expect.fail("it was deployed"),
        (reason: unknown) => String(reason),
      );
      expect(error).to.include("glue-pipeline:workerType").and.include("G.025X");
      expect(error).to.include("glue-pipeline:simulatedFailureRate");
      expect((await wrong.resources()).filter((urn) => urn.includes("::aws:"))).to.deep.equal([]);
    } finally {
      wrong.remove();
    }
  });

  it("deploys what it previewed", async () => {
    const preview = await local.preview();
    const up = await local.up();
    expect(up.changes).to.deep.equal(preview.changes);
    expect(ownWarnings(up)).to.deep.equal([]);
    expect(await local.outputs()).to.include.keys("landingBucket", "stateMachineArn", "failureQueueUrl");
  });

  it("changes nothing when it is deployed again", async () => {
    const again = await local.up();
    expect(done(again)).to.deep.equal([]);
    expect(Object.keys(again.changes)).to.deep.equal(["same"]);
  });

  it("finds nothing changed when it is refreshed", async () => {
    const refresh = await local.refresh();
    expect(Object.keys(refresh.changes)).to.deep.equal(["same"]);
    expect(done(await local.up())).to.deep.equal([]);
  });

  it("updates the one function whose code was changed", async () => {
    local.edit("functions/lib/dispatch-each.ts", (code) => code.replace('"dispatched"', '"dispatched anew"'));
    const up = await local.up();
    expect(done(up)).to.deep.equal(["aws:lambda/function:Function csv-dispatcher: update"]);
    // The provider computes the second from the first.
    expect(up.steps.flatMap(({ diff }) => diff)).to.have.members(["code", "lastModified"]);
  });

  it("replaces the simulated job by a real one when the mode says so, and leaves the rest", async () => {
    const before = await local.outputs();
    // The emulator cannot encrypt a log group that is there already.
    await local.setConfig({ mode: "real", security: "false" });
    const { losses, definitions } = summarise(parsePreview(await local.previewJson(), "the preview"));
    expect(losses.map(({ change, what }) => `${change.change} ${change.name}: ${what}`)).to.include(
      "delete csv-job: its items",
    );
    expect(definitions.map(({ name, kind }) => `${kind} ${name}`)).to.deep.equal(["changed csv"]);
    const steps = done(await local.up());
    expect(steps).to.include("aws:glue/job:Job csv-job: create");
    expect(steps).to.include("aws:dynamodb/table:Table csv-job: delete");
    expect(steps).to.include("aws:sfn/stateMachine:StateMachine csv: update");
    expect(steps.filter((step) => step.includes("s3/bucket:Bucket"))).to.deep.equal([
      "aws:s3/bucket:Bucket csv-artifacts: create",
    ]);
    const { jobName, ...unchanged } = await local.outputs();
    expect(before).to.include(unchanged);
    expect(jobName).not.to.equal(before.jobName);

    const file = await fileIn(emulator.clients, await local.outputs(), { key: "incoming/real.csv", body: "a\n1\n" });
    expect(file).to.include({ status: "SUCCEEDED" });
  });

  it("uploads a changed script and points the job to it, and nothing else", async () => {
    local.edit("scripts/process_csv.py", (script) => `${script}\n# changed\n`);
    const up = await local.up();
    expect(done(up)).to.have.members([
      "aws:s3/bucketObjectv2:BucketObjectv2 csv-job-script: replace",
      "aws:s3/bucketObjectv2:BucketObjectv2 csv-job-script: create-replacement",
      "aws:s3/bucketObjectv2:BucketObjectv2 csv-job-script: delete-replaced",
      "aws:glue/job:Job csv-job: update",
    ]);
    expect(up.steps.find(({ type }) => type.startsWith("aws:glue"))?.diff).to.include("command.scriptLocation");
  });

  it("goes back to the simulated job", async () => {
    await local.setConfig({ mode: "simulated" });
    const steps = done(await local.up());
    expect(steps).to.include("aws:glue/job:Job csv-job: delete");
    expect(steps).to.include("aws:dynamodb/table:Table csv-job: create");
    expect(done(await local.up())).to.deep.equal([]);

    const file = await fileIn(emulator.clients, await local.outputs(), { key: "incoming/back.csv", body: "a\n1\n" });
    expect(file).to.include({ status: "SUCCEEDED" });
    expect(file.output).to.nested.include({ "jobRun.JobRunState": "SUCCEEDED", outcome: "succeeded" });
  });
});
