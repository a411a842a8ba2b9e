import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../cli/run/report.ts";
import { runCli, type CliResult } from "../support/cli.ts";

const CSV = "id,name\n1,Ada\n2,Grace\n3\n";

describe("npm start", function () {
  this.timeout(60_000);
  let folder = "";

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "start-")));
    writeFileSync(join(folder, "orders.csv"), CSV);
    writeFileSync(join(folder, "more.csv"), CSV);
    writeFileSync(join(folder, "empty.csv"), "");
    writeFileSync(join(folder, "notes.txt"), "hello");
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const start = (...args: string[]): Promise<CliResult> => runCli(["start", ...args], { cwd: folder });
  const report = async (
    ...args: string[]
  ): Promise<{ readonly code: number | null; readonly report: Report; readonly text: string }> => {
    const { code, stdout } = await start("--json", ...args);
    return { code, report: JSON.parse(stdout) as Report, text: stdout.replace(/"wallSeconds": .*/, "") };
  };

  it("takes a file through the whole pipeline and shows each step", async () => {
    const { code, stdout, stderr } = await start("orders.csv", "--set", "simulatedFailureRate=0");
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
    expect(stdout).to.match(/^glue-pipeline · stack local · simulated job · embedded cloud · virtual clock$/m);
    expect(stdout).to.match(/^\d+ resources: /m);
    for (const step of [
      "S3 event",
      "execution",
      "Validate",
      "StartJobRun",
      "STARTING",
      "SUCCEEDED",
      "notified",
      "succeeded",
    ]) {
      expect(stdout).to.match(new RegExp(`^ {2}\\d\\d:\\d\\d\\.\\d {2}${step}`, "m"));
    }
    expect(stdout).to.match(/^orders\.csv +succeeded +1 +[\d.]+ s +2 \(1 rejected\) +out\/.*\.parquet$/m);
    expect(stdout).to.match(
      /^On AWS: \$0\.\d+ = Glue \$[\d.]+ \(1 run of 2 × G\.1X\) \+ Step Functions \$[\d.]+ \+ Lambda/m,
    );
    expect(stdout).not.to.include("\u001b");
    const [, parquet = ""] = /(out\/\S+\.parquet)$/m.exec(stdout) ?? [];
    expect(readFileSync(join(folder, parquet)).subarray(0, 4).toString()).to.equal("PAR1");
  });

  it("prints the same document for the same seed, and another one for another seed", async () => {
    const [first, second, other] = [
      await report("orders.csv", "more.csv", "--seed=5"),
      await report("orders.csv", "more.csv", "--seed=5"),
      await report("orders.csv", "more.csv", "--seed=6", "--out=other"),
    ];
    expect(first.text).to.equal(second.text);
    expect(first.text).not.to.equal(other.text);
    expect(first.report).to.have.all.keys([
      "stack",
      "mode",
      "clock",
      "files",
      "executions",
      "objects",
      "notifications",
      "cost",
      "wallSeconds",
    ]);
    expect(first.report.files.map(({ key }) => key)).to.deep.equal(["incoming/orders.csv", "incoming/more.csv"]);
    for (const { path, size } of first.report.objects) expect(readFileSync(path)).to.have.lengthOf(size);
  });

  it("runs the same on the production stack", async () => {
    const { code, report: document } = await report("orders.csv", "--stack=prod", "--set=simulatedFailureRate=0");
    expect(code).to.equal(0);
    expect(document).to.deep.include({ stack: "prod", mode: "real" });
    expect(document.executions[0]?.jobRuns[0]).to.include({ JobRunState: "SUCCEEDED", WorkerType: "G.1X" });
    expect(document.cost.glue).to.be.greaterThan(0);
  });

  it("tries again what a scenario fails", async () => {
    const { code, report: document } = await report(
      "orders.csv",
      "--scenario=*orders*=FAILED@1",
      "--set=simulatedFailureRate=0",
    );
    expect(code).to.equal(0);
    expect(document.executions[0]?.jobRuns.map(({ JobRunState }) => JobRunState)).to.deep.equal([
      "FAILED",
      "SUCCEEDED",
    ]);
  });

  it("says why a file failed and where it is kept, exit code 1", async () => {
    const { code, stdout } = await start("orders.csv", "--scenario=*=TIMEOUT");
    expect(code).to.equal(1);
    expect(stdout).to.match(/^orders\.csv failed: JobRun\.TIMEOUT: /m);
    const [, kept = ""] = /^ {2}the object is kept at (\S+)$/m.exec(stdout) ?? [];
    expect(readFileSync(join(folder, kept), "utf8")).to.equal(CSV);
  });

  it("tells rejected and ignored files from failed ones", async () => {
    const { code, report: document } = await report("empty.csv", "notes.txt");
    expect(code).to.equal(1);
    expect(document.files.map(({ outcome, reason }) => [outcome, reason])).to.deep.equal([
      ["rejected", "it is empty"],
      ["rejected", "its name must end in .csv"],
    ]);
    const elsewhere = await report("orders.csv", "--key=elsewhere/orders.csv");
    expect(elsewhere.code).to.equal(1);
    expect(elsewhere.report.files[0]?.outcome).to.equal("ignored");
  });

  it("takes keys of every kind", async () => {
    const key = "incoming/ä b+c%20'\"🚚/x.csv";
    const { report: document, code } = await report("orders.csv", `--key=${key}`, "--set=simulatedFailureRate=0");
    expect(code).to.equal(0);
    expect(document.files[0]).to.include({ key, outcome: "succeeded" });
  });

  it("starts nothing when the command line is wrong, exit code 2", async () => {
    const { code, stdout, stderr } = await start("no.csv", "--clok=real", "--out=never");
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include("  --clok is not an option; did you mean --clock?\n  no.csv: there is no such file\n");
    expect(existsSync(join(folder, "never"))).to.equal(false);
  });

  it("reports what the program says of its config without a stack trace", async () => {
    const { code, stdout, stderr } = await start("orders.csv", "--set=maxAttempts=0");
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.include('glue-pipeline:maxAttempts must be a whole number from 1 to 20, got "0"');
    expect(stderr).not.to.include("    at ");
  });
});

describe("npm run definition", function () {
  this.timeout(60_000);

  it("prints the same machine for both stacks once masked", async () => {
    const [local, prod] = await Promise.all(
      ["local", "prod"].map((stack) => runCli(["definition", `--stack=${stack}`, "--mask"])),
    );
    expect(local?.code).to.equal(0);
    expect(local?.stderr).to.equal("");
    expect(local?.stdout).to.equal(prod?.stdout);
    expect(JSON.parse(local?.stdout ?? "")).to.have.nested.property("csv.StartAt", "Validate");
  });

  it("takes no operands", async () => {
    const { code, stderr } = await runCli(["definition", "orders.csv"]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/"orders.csv" is not expected: this command takes options only/);
  });
});
