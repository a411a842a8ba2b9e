import { CopyObjectCommand, DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { executionName } from "../../functions/lib/execution-name.ts";
import { describeRun } from "../../functions/lib/job-run.ts";
import { makeOrders } from "../../samples/make-orders.ts";
import { readCsv } from "../support/deployed/csv.ts";
import { historyOf, inputOf, jobRunsOf, statesPassed } from "../support/deployed/executions.ts";
import { arnOf, ended, executionsOf, fileIn, upload, type LandedFile } from "../support/deployed/files.ts";
import { landLargeFile, peakMemoryBelow } from "../support/deployed/large.ts";
import { contentOf, outputOf, tableOf } from "../support/deployed/output.ts";
import { failuresIn, Results } from "../support/deployed/queues.ts";
import { deployed } from "../support/deployed/deployed.ts";

/** S3 allows any UTF-8 up to 1,024 bytes. */
const filledUp = (start: string, letter: string, end: string): string =>
  start + letter.repeat((1024 - Buffer.byteLength(`incoming/${start}${end}`)) / Buffer.byteLength(letter)) + end;

const AWKWARD: Readonly<Record<string, string>> = {
  "a space": "a b.csv",
  "spaces at its ends and two in a row": " a  b.csv .csv",
  "a plus sign": "a+b.csv",
  "a plus sign between spaces": "a + b.csv",
  "a percent sign": "100%.csv",
  "what looks like an escape": "a%20b%2Bc%2Fd%25.csv",
  "an escape of nothing": "%zz%.csv",
  "composed letters": "caf\u00e9 \u00fcn\u00efc\u00f6de.csv",
  "the same letters, decomposed": "cafe\u0301 u\u0308ni\u0308co\u0308de.csv",
  "letters of other planes": "😀👩‍👩‍👧 𝒳.csv",
  "letters from right to left": "ملف شهري.csv",
  "Chinese letters": "東京/売上.csv",
  "quotes of both kinds": `it's "quoted".csv`,
  "an ampersand and an equals sign": "a=1&b=2.csv",
  "a question mark and a hash": "what?#x=1.csv",
  "other marks": "a;b,c:d@e!f$g(h)i*j~k^l`m.csv",
  "brackets and a backslash": "[a]{b}<c>|\\d.csv",
  "folders one in another": `${"deep/".repeat(40)}a.csv`,
  "an empty folder's name": "a//b///c.csv",
  "a hive's folders": "year=2026/month=11/day=21/orders.csv",
  "an ending in capitals": "ORDERS.CSV",
  "nothing but an ending": ".csv",
  "1,024 bytes": filledUp("", "x", ".csv"),
  "1,024 bytes of long letters": filledUp("xx", "é", ".csv"),
  "1,024 bytes of escapes": filledUp("", "%", ".csv"),
};

describe("A file on the deployed stack", function () {
  this.timeout("2 minutes");
  const stack = deployed();
  let results: Results;

  before(async () => {
    const { clients, outputs } = stack();
    results = await Results.of(clients, outputs);
  });

  /** The names of the executions that came to be while something was done. */
  const startedBy = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
    const { clients, outputs } = stack();
    const before = new Set(await executionsOf(clients, outputs));
    await act();
    return (await executionsOf(clients, outputs)).filter((name) => !before.has(name));
  };

  it("becomes Parquet, an execution that says so, a job run and a notification", async () => {
    const { clients, outputs } = stack();
    const body = 'id,name,note\n1,"Ana, ""A""",\n2\n3,"two\nlines",😀\n4,x,y,z\n';
    const key = "incoming/orders.csv";
    const file = await fileIn(clients, outputs, { key, body });

    const output = await outputOf(clients, outputs, file);
    expect(output.keys).to.deep.equal([
      "processed/part-00000.parquet",
      "rejected/rejected.csv",
      "summary/summary.json",
    ]);
    const { columns, rows } = await tableOf(clients, outputs, file);
    expect(columns.map(({ name, type }) => `${name} ${type}`)).to.deep.equal([
      "id VARCHAR",
      "name VARCHAR",
      "note VARCHAR",
    ]);
    expect(rows).to.deep.equal([
      ["1", 'Ana, "A"', ""],
      ["3", "two\nlines", "😀"],
    ]);
    expect(output.rejected).to.equal(
      'line,reason,content\n3,"expected 3 fields, got 1","2"\n6,"expected 3 fields, got 4","4,x,y,z"\n',
    );
    expect(output.summary).to.deep.equal({
      rowsIn: 4,
      rowsWritten: 2,
      rowsRejected: 2,
      bytesIn: Buffer.byteLength(body),
      bytesOut: output.parquet.length,
    });

    const input = await inputOf(clients, file.arn);
    const { versionId, sequencer } = input.arguments;
    expect(input).to.deep.equal({
      jobName: outputs.jobName,
      arguments: { bucket: outputs.landingBucket, key, versionId, size: Buffer.byteLength(body), sequencer },
    });
    const [run, ...others] = await jobRunsOf(clients, outputs, file.name);
    expect(others).to.deep.equal([]);
    expect(file.status).to.equal("SUCCEEDED");
    expect(file.output).to.deep.equal({
      outcome: "succeeded",
      file: input.arguments,
      executionName: file.name,
      jobName: outputs.jobName,
      attempts: 1,
      jobRun: { Id: run?.Id, JobRunState: "SUCCEEDED", ExecutionTime: 1, ErrorMessage: "" },
      output: { bucket: outputs.outputBucket, prefix: `processed/execution=${file.name}/` },
    });
    expect(run?.outcome).to.deep.equal({ JobRunState: "SUCCEEDED" });
    expect(run?.details.Arguments).to.deep.equal({
      "--bucket": outputs.landingBucket,
      "--key": key,
      "--version_id": versionId,
      "--size": String(Buffer.byteLength(body)),
      "--output_bucket": outputs.outputBucket,
      "--execution_name": file.name,
      "--attempt": "1",
    });
    expect(await results.about(file)).to.deep.equal([
      { subject: "File succeeded", outcome: "succeeded", message: file.output },
    ]);
    expect(await failuresIn(clients, outputs)).to.deep.equal([]);
  });

  it("leaves the history of its way through the states", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/history.csv", body: "a\n1\n" });
    const history = await historyOf(clients, file.arn);

    expect(statesPassed(history)).to.deep.equal([
      "Validate",
      "StartJobRun",
      "WaitForJobRun",
      "GetJobRun",
      "CheckJobRun",
      "NotifySucceeded",
      "Succeeded",
    ]);
    expect(history[0]?.type).to.equal("ExecutionStarted");
    expect(history.at(-1)?.type).to.equal("ExecutionSucceeded");
    expect(JSON.parse(history[0]?.executionStartedEventDetails?.input ?? "")).to.deep.equal(
      await inputOf(clients, file.arn),
    );
    expect(JSON.parse(history.at(-1)?.executionSucceededEventDetails?.output ?? "")).to.deep.equal(file.output);
    expect(history.map(({ id }) => id)).to.deep.equal(history.map((_, index) => index + 1));
  });

  it("has the content that another reader of CSV sees in it", async () => {
    const { clients, outputs } = stack();
    const body = makeOrders();
    const file = await fileIn(clients, outputs, { key: "incoming/sample.csv", body });
    const seen = await readCsv(Buffer.from(body));
    // DuckDB puts up with one of the malformed rows, which have the numbers after these.
    const wellFormed = seen.rows.filter(([order]) => Number(order) <= 10_000);

    expect(wellFormed).to.have.length(10_000);
    const { columns, rows } = await tableOf(clients, outputs, file);
    expect(columns.map(({ name }) => name)).to.deep.equal(seen.columns.map(({ name }) => name));
    expect(rows).to.deep.equal(wellFormed);
  });

  describe("keeps its name, which has", () => {
    const key = (name: string) => `incoming/${name}`;
    const landing = new Map<string, Promise<LandedFile>>();

    before(() => {
      const { clients, outputs } = stack();
      for (const name of Object.values(AWKWARD)) {
        // Each content is its file's own, so that none can pass for another.
        const landed = fileIn(clients, outputs, { key: key(name), body: `n\n"${name.replaceAll('"', '""')}"\n` });
        landed.catch(() => undefined);
        landing.set(name, landed);
      }
    });

    for (const [what, name] of Object.entries(AWKWARD)) {
      it(what, async () => {
        const { clients, outputs } = stack();
        const file = await landing.get(name);
        if (file === undefined) throw new Error("it was not uploaded");
        expect(file.status).to.equal("SUCCEEDED");
        expect(file.output).to.have.nested.property("file.key", key(name));
        const [run] = await jobRunsOf(clients, outputs, file.name);
        expect(run?.details.Arguments?.["--key"]).to.equal(key(name));
        expect((await tableOf(clients, outputs, file)).rows).to.deep.equal([[name]]);
        expect((await results.about(file)).map(({ message }) => message)).to.deep.equal([file.output]);
      });
    }
  });

  it("gets an execution for each of its versions, each with the content of its own", async () => {
    const { clients, outputs } = stack();
    const key = "incoming/twice.csv";
    const files = await Promise.all(
      ["first", "second"].map((body) => fileIn(clients, outputs, { key, body: `a\n${body}\n` })),
    );
    expect(files.map(({ status }) => status)).to.deep.equal(["SUCCEEDED", "SUCCEEDED"]);
    expect(new Set(files.map(({ name }) => name)).size).to.equal(2);
    const tables = await Promise.all(files.map((file) => tableOf(clients, outputs, file)));
    expect(tables.map(({ rows }) => rows)).to.deep.equal([[["first"]], [["second"]]]);
  });

  it("is run again when the same content is uploaded anew", async () => {
    const { clients, outputs } = stack();
    const file = { key: "incoming/same.csv", body: "a\n1\n" };
    const started = await startedBy(async () => {
      await fileIn(clients, outputs, file);
      await fileIn(clients, outputs, file);
    });
    expect(started).to.have.length(2);
  });

  it("may be a copy of another object", async () => {
    const { clients, outputs } = stack();
    const { landingBucket: bucket = "" } = outputs;
    const key = "incoming/a copy.csv";
    await upload(clients, outputs, { key: "elsewhere/original.csv", body: "a\ncopied\n" });
    const { VersionId: versionId = "" } = await clients.s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: `${bucket}/elsewhere/original.csv` }),
    );
    const file = await ended(clients, arnOf(outputs, executionName({ bucket, key, versionId, sequencer: "" })));
    expect(file.status).to.equal("SUCCEEDED");
    expect((await tableOf(clients, outputs, file)).rows).to.deep.equal([["copied"]]);
  });

  it("is ignored outside of the landing prefix, and so are folders' markers and deletions", async () => {
    const { clients, outputs } = stack();
    let sentinel: LandedFile | undefined;
    const started = await startedBy(async () => {
      await upload(clients, outputs, { key: "elsewhere/a.csv", body: "a\n1\n" });
      await upload(clients, outputs, { key: "a.csv", body: "a\n1\n" });
      await upload(clients, outputs, { key: "Incoming/a.csv", body: "a\n1\n" });
      await upload(clients, outputs, { key: "incoming/folder/", body: new Uint8Array() });
      await clients.s3.send(new DeleteObjectCommand({ Bucket: outputs.landingBucket, Key: "incoming/orders.csv" }));
      // What comes after them is through, so they would be seen by now.
      sentinel = await fileIn(clients, outputs, { key: "incoming/after the ignored.csv", body: "a\n1\n" });
    });
    expect(started).to.deep.equal([sentinel?.name]);
    expect(await failuresIn(clients, outputs)).to.deep.equal([]);
  });

  for (const [what, key, body, reason] of [
    ["it is empty", "incoming/empty.csv", new Uint8Array(), "it is empty"],
    ["its name has another ending", "incoming/a.txt", "a\n1\n", "its name must end in .csv"],
    ["its name only looks right", "incoming/acsv", "a\n1\n", "its name must end in .csv"],
  ] as const) {
    it(`is rejected with its reason when ${what}: no run, no failure, and the object stays`, async () => {
      const { clients, outputs } = stack();
      const file = await fileIn(clients, outputs, { key, body });
      const { arguments: about } = await inputOf(clients, file.arn);
      expect(file.status).to.equal("SUCCEEDED");
      expect(file.output).to.deep.equal({ outcome: "rejected", file: about, executionName: file.name, reason });
      expect(statesPassed(await historyOf(clients, file.arn))).to.deep.equal([
        "Validate",
        "NotifyRejected",
        "Rejected",
      ]);
      expect(await results.about(file)).to.deep.equal([
        { subject: "File rejected", outcome: "rejected", message: file.output },
      ]);
      expect(await jobRunsOf(clients, outputs, file.name)).to.deep.equal([]);
      expect(await failuresIn(clients, outputs)).to.deep.equal([]);
      expect(Buffer.from(await contentOf(clients, about.bucket, key, about.versionId))).to.deep.equal(
        Buffer.from(body),
      );
    });
  }

  for (const [what, body, reason] of [
    ["it is binary", Buffer.from([0x61, 0x0a, 0x00, 0xff]), "the file is not text: NUL byte at offset 2"],
    ["it is in another encoding", Buffer.from("a\né\n", "latin1"), "the file is not UTF-8 text: bad byte at offset 2"],
    ["a quote in it is never closed", Buffer.from('a,b\n1,"2\n'), "a quote in the record that starts on line 2"],
  ] as const) {
    it(`fails after all attempts when ${what}, and waits in the failure queue with what a replay needs`, async () => {
      const { clients, outputs } = stack();
      const file = await fileIn(clients, outputs, { key: "incoming/garbage.csv", body });
      const input = await inputOf(clients, file.arn);
      const runs = await jobRunsOf(clients, outputs, file.name);

      expect(
        runs.map(({ details, outcome }) => [details.Arguments?.["--attempt"], outcome?.JobRunState]),
      ).to.deep.equal([
        ["1", "FAILED"],
        ["2", "FAILED"],
        ["3", "FAILED"],
      ]);
      const last = runs.at(-1);
      expect(file).to.include({ status: "FAILED", error: "JobRun.FAILED" });
      expect(file.cause).to.include(
        `Job run ${last?.Id ?? "–"} of ${outputs.jobName ?? "–"} was FAILED after attempt 3: UnreadableFileError: ${reason}`,
      );

      const [kept, ...others] = await failuresIn(clients, outputs);
      expect(others).to.deep.equal([]);
      expect(kept).to.deep.equal({
        outcome: "failed",
        file: input.arguments,
        executionName: file.name,
        jobName: outputs.jobName,
        attempts: 3,
        jobRun: {
          Id: last?.Id,
          JobRunState: "FAILED",
          ExecutionTime: last && describeRun(last, Number.MAX_SAFE_INTEGER).ExecutionTime,
          ErrorMessage: last?.outcome?.ErrorMessage,
        },
        error: file.error,
        cause: file.cause,
        input,
      });
      expect(await results.about(file)).to.deep.equal([{ subject: "File failed", outcome: "failed", message: kept }]);
      const { bucket, key, versionId } = input.arguments;
      expect(Buffer.from(await contentOf(clients, bucket, key, versionId))).to.deep.equal(body);
    });
  }

  it("may have 200 MB, which its function has the memory for", async function () {
    this.timeout("5 minutes");
    const { clients, outputs, emulator } = stack();
    const began = performance.now();
    const large = await landLargeFile(clients, outputs, { key: "incoming/large.csv", atLeastBytes: 200_000_000 });
    const uploaded = performance.now();
    const file = await ended(clients, large.arn, 240);
    const done = performance.now();

    expect(file.status).to.equal("SUCCEEDED");
    const { summary } = await outputOf(clients, outputs, file);
    expect(summary).to.include({
      rowsIn: large.rows,
      rowsWritten: large.rows,
      rowsRejected: 0,
      bytesIn: large.bytes,
    });
    const head = await clients.s3.send(new HeadObjectCommand({ Bucket: outputs.landingBucket, Key: large.key }));
    expect(head.ContentLength).to.equal(large.bytes);
    const { rows } = await tableOf(
      clients,
      outputs,
      file,
      `count(*)::INT, count(DISTINCT id)::INT, sum(amount::BIGINT)::DOUBLE,
       count(*) FILTER (note LIKE 'said "' || id || '" and %')::INT`,
    );
    expect(rows).to.deep.equal([[large.rows, large.rows, large.sum, large.rows]]);

    const peak = peakMemoryBelow(emulator.pid);
    console.log(
      `      ${(large.bytes / 1e6).toFixed(0)} MB, ${large.rows} rows: uploaded in ${seconds(uploaded - began)}, ` +
        `done ${seconds(done - uploaded)} later, peak of its function ${peak?.toFixed(0) ?? "?"} MiB`,
    );
    const { Functions = [] } = await clients.lambda.send(new ListFunctionsCommand({}));
    const standIn = Functions.find(({ FunctionName }) => FunctionName?.startsWith("csv-job-stand-in"));
    if (peak !== undefined) expect(peak).to.be.within(30, standIn?.MemorySize ?? 0);
  });
});

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
