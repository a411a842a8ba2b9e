import { expect } from "chai";
import { inputOf, jobRunsOf } from "../support/deployed/executions.ts";
import { executionsOf, fileIn, upload } from "../support/deployed/files.ts";
import { outputOf, tableOf } from "../support/deployed/output.ts";
import { failuresIn, Results } from "../support/deployed/queues.ts";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";

const scenarios = {
  "simulatedScenarios[0].match": "*fails once*",
  "simulatedScenarios[0].attempts[0]": "1",
  "simulatedScenarios[0].Return.JobRunState": "FAILED",
  "simulatedScenarios[1].match": "*is refused*",
  "simulatedScenarios[1].Throw.Error": "InvalidInputException",
  "simulatedScenarios[1].Throw.Cause": "no such worker",
};

describe("A file on an emulator with all its faults", function () {
  this.timeout("2 minutes");
  const stack = deployed({
    config: { ...quickRuns, landingSuffix: ".csv", ...scenarios },
    emulator: { mends: false },
  });
  let results: Results;

  before(async () => {
    results = await Results.of(stack().clients, stack().outputs);
  });

  it("succeeds", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/a + ü.csv", body: "a,b\n1,2\n3\n" });
    expect(file).to.include({ status: "SUCCEEDED" });
    expect(file.output).to.include({ outcome: "succeeded", attempts: 1 });
    expect((await tableOf(clients, outputs, file)).rows).to.deep.equal([["1", "2"]]);
    expect((await outputOf(clients, outputs, file)).summary).to.include({ rowsWritten: 1, rowsRejected: 1 });
    expect((await results.about(file)).map(({ message }) => message)).to.deep.equal([file.output]);
  });

  it("is rejected with its reason", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/empty.csv", body: new Uint8Array() });
    expect(file).to.include({ status: "SUCCEEDED" });
    expect(file.output).to.include({ outcome: "rejected", reason: "it is empty" });
    expect((await results.about(file)).map(({ message }) => message)).to.deep.equal([file.output]);
    expect(await jobRunsOf(clients, outputs, file.name)).to.deep.equal([]);
  });

  it("is ignored when it has not the landing suffix", async () => {
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    await upload(clients, outputs, { key: "incoming/a.txt", body: "a\n1\n" });
    await upload(clients, outputs, { key: "incoming/a.csv.part", body: "a\n1\n" });
    const after = await fileIn(clients, outputs, { key: "incoming/after.csv", body: "a\n1\n" });
    expect(await executionsOf(clients, outputs)).to.have.members([...before, after.name]);
  });

  it("succeeds beside nine others that come at once", async () => {
    const { clients, outputs } = stack();
    const names = Array.from({ length: 10 }, (_, index) => `at once ${index}`);
    const files = await Promise.all(
      names.map((name) => fileIn(clients, outputs, { key: `incoming/${name}.csv`, body: `n\n${name}\n` })),
    );
    expect(files.map(({ status }) => status)).to.deep.equal(names.map(() => "SUCCEEDED"));
    const tables = await Promise.all(files.map((file) => tableOf(clients, outputs, file)));
    expect(tables.flatMap(({ rows }) => rows.flat())).to.deep.equal(names);
    expect(await failuresIn(clients, outputs)).to.deep.equal([]);
  });

  it("is run again after a run that failed", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/fails once.csv", body: "a\n1\n" });
    expect(file.output).to.include({ outcome: "succeeded", attempts: 2 });
    expect((await jobRunsOf(clients, outputs, file.name)).map(({ plan }) => plan.JobRunState)).to.deep.equal([
      "FAILED",
      "SUCCEEDED",
    ]);
  });

  it("fails with the error of its last run, which waits in the failure queue with what a replay needs", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/broken.csv", body: 'a,b\n1,"2\n' });
    expect(file).to.include({ status: "FAILED", error: "JobRun.FAILED" });
    expect(file.cause).to.include("a quote in the record that starts on line 2 is never closed");
    expect(await jobRunsOf(clients, outputs, file.name)).to.have.length(3);
    const input = await inputOf(clients, file.arn);
    const [kept, ...others] = await failuresIn(clients, outputs);
    expect(others).to.deep.equal([]);
    expect(kept).to.deep.include({ outcome: "failed", error: file.error, cause: file.cause, attempts: 3, input });
    expect((await results.about(file)).map(({ message }) => message)).to.deep.equal([kept]);
  });

  it("fails with what Glue said when a run cannot be started, after some tries", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/is refused.csv", body: "a\n1\n" });
    expect(file).to.include({ status: "FAILED" });
    expect(file.cause).to.include("no such worker");
    const [kept, ...others] = await failuresIn(clients, outputs);
    expect(others).to.deep.equal([]);
    expect(kept).to.deep.include({ outcome: "failed", cause: file.cause, input: await inputOf(clients, file.arn) });
    expect(await jobRunsOf(clients, outputs, file.name)).to.deep.equal([]);
  });
});
