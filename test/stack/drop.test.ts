import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { HeadObjectCommand, ListMultipartUploadsCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { DetachedReport, DropReport } from "../../cli/deployed/drop-report.ts";
import type { StatusReport } from "../../cli/deployed/status-report.ts";
import { runCli, type CliResult } from "../support/cli.ts";
import { deployed } from "../support/deployed/deployed.ts";

const CSV = "id,name\n1,Ada\n2,Grace\n3\n";
/** More than one part of an upload. */
const LARGE = 20_000_000;

describe("npm run drop and npm run status", function () {
  this.timeout("2 minutes");
  const stack = deployed();
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "drop-"));
    writeFileSync(join(folder, "orders.csv"), CSV);
    writeFileSync(join(folder, "empty.csv"), "");
    writeFileSync(join(folder, "broken.csv"), 'a,b\n"1,2\n');
    writeFileSync(join(folder, "large.csv"), `id,name\n${"1,Ada Lovelace\n".repeat(Math.ceil(LARGE / 15))}`);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<CliResult> => {
    const { project } = stack();
    const [command = "", ...rest] = args;
    return runCli([command, `--program=${project.folder}`, ...rest], { cwd: folder, env: project.env });
  };
  interface Documented<Report> {
    readonly code: number | null;
    readonly report: Report;
  }
  const document = async <Report>(...args: string[]): Promise<Documented<Report>> => {
    const { code, stdout, stderr } = await run(...args, "--json");
    expect(stdout, stderr).to.match(/^\{/);
    return { code, report: JSON.parse(stdout) as Report };
  };

  const output = (name: string): string => stack().outputs[name] ?? "";

  it("follows a file to its end and says where its output is", async () => {
    const { code, stdout, stderr } = await run("drop", "orders.csv");
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
    expect(stdout).to.match(/^glue-pipeline · stack local · simulated job · deployed at http:\/\/localhost:\d+$/m);
    for (const step of ["execution", "Validate", "StartJobRun", "SUCCEEDED", "wrote", "notified", "succeeded"]) {
      expect(stdout).to.match(new RegExp(`^ {2}\\d\\d:\\d\\d\\.\\d {2}${step}`, "m"));
    }
    const [, bucket = "", key = ""] =
      /^orders\.csv +succeeded +1 +[\d.]+ s +2 \(1 rejected\) +s3:\/\/([^/]+)\/(\S+\.parquet)$/m.exec(stdout) ?? [];
    const { ContentLength = 0 } = await stack().clients.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(bucket).to.equal(output("outputBucket"));
    expect(ContentLength).to.be.greaterThan(0);
  });

  it("tells apart what succeeded, failed and was rejected, by the executions that the dispatcher started", async () => {
    const { code, report } = await document<DropReport>("drop", "orders.csv", "empty.csv", "broken.csv");
    expect(code).to.equal(1);
    expect(report.files.map(({ key, outcome }) => [key, outcome])).to.deep.equal([
      ["incoming/orders.csv", "succeeded"],
      ["incoming/empty.csv", "rejected"],
      ["incoming/broken.csv", "failed"],
    ]);
    expect(report.files[1]?.reason).to.equal("it is empty");
    expect(report.files[2]?.reason).to.match(/^JobRun\.FAILED: .*a quote in the record that starts on line 2/);
    const failed = report.executions.find(({ name }) => name === report.files[2]?.executionName);
    expect(failed?.jobRuns.map(({ JobRunState }) => JobRunState)).to.deep.equal(["FAILED", "FAILED", "FAILED"]);
    expect(report.objects.map(({ bucket }) => bucket)).to.include(output("outputBucket"));
  });

  it("says that nobody notices an object outside of the notification's filter", async () => {
    const { code, report } = await document<DropReport>("drop", "orders.csv", "--key=elsewhere/orders.csv");
    expect(code).to.equal(1);
    expect(report.files).to.deep.equal([
      {
        bucket: output("landingBucket"),
        key: "elsewhere/orders.csv",
        outcome: "ignored",
        reason: 'its key does not begin with "incoming/"',
      },
    ]);
  });

  it("uploads a large file in parts, and leaves none behind", async () => {
    const { code, report } = await document<DropReport>("drop", "large.csv");
    expect(code).to.equal(0);
    const { s3 } = stack().clients;
    const Bucket = output("landingBucket");
    const { ContentLength = 0, ETag = "" } = await s3.send(
      new HeadObjectCommand({ Bucket, Key: "incoming/large.csv" }),
    );
    expect(ContentLength).to.be.at.least(LARGE);
    expect(ETag).to.match(/-3"$/);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).to.deep.equal([]);
    expect(report.files[0]?.outcome).to.equal("succeeded");
  });

  it("finds the execution by its input where the bucket keeps no versions", async () => {
    const { s3 } = stack().clients;
    const version = (Status: "Enabled" | "Suspended"): Promise<unknown> =>
      s3.send(new PutBucketVersioningCommand({ Bucket: output("landingBucket"), VersioningConfiguration: { Status } }));
    await version("Suspended");
    try {
      const { code, report } = await document<DropReport>("drop", "orders.csv", "--key=incoming/no version.csv");
      expect(report.files[0]?.outcome).to.equal("succeeded");
      expect(code).to.equal(0);
    } finally {
      await version("Enabled");
    }
  });

  it("ends after the upload when detached, and status knows the file from then on", async () => {
    const { code, report } = await document<DetachedReport>("drop", "orders.csv", "--detach");
    expect(code).to.equal(0);
    const [file] = report.files;
    expect(file).not.to.have.property("outcome");
    const name = file?.executionName ?? "";
    for (;;) {
      const { code: read, report: status } = await document<StatusReport>("status");
      expect(read).to.equal(0);
      const ended = status.ended.find(({ executionName }) => executionName === name);
      if (ended !== undefined) {
        expect(ended).to.include({ key: "incoming/orders.csv", outcome: "succeeded", rowsWritten: 2, rowsRejected: 1 });
        break;
      }
    }
  });

  it("shows what failed and why, and what waits in the failure queue", async () => {
    const { code, stdout } = await run("status", "--limit=5");
    expect(code).to.equal(0);
    expect(stdout).to.match(/^ {2}incoming\/broken\.csv {2}[\d.]+ .*ago {2}JobRun\.FAILED: /m);
    expect(stdout).to.match(/^Failure queue: 1 message, the oldest seen is from .* ago$/m);
  });

  it("says that a file could not be dispatched, and leaves the message for those who work on it", async () => {
    const { lambda, sqs } = stack().clients;
    const FunctionName = output("dispatcherName");
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const configure = (STATE_MACHINE_ARN: string): Promise<unknown> =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment: { Variables: { ...Environment?.Variables, STATE_MACHINE_ARN } },
        }),
      );
    await configure(`${output("stateMachineArn")}-gone`);
    try {
      const { code, report } = await document<DropReport>("drop", "orders.csv");
      expect(code).to.equal(1);
      expect(report.executions).to.deep.equal([]);
      expect(report.files[0]?.outcome).to.equal("failed");
      expect(report.files[0]?.reason).to.match(new RegExp(`^${FunctionName} failed with .*StateMachineDoesNotExist`));
    } finally {
      await configure(output("stateMachineArn"));
    }
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: output("failureQueueUrl"), AttributeNames: ["All"] }),
    );
    expect(Attributes).to.include({ ApproximateNumberOfMessages: "2", ApproximateNumberOfMessagesNotVisible: "0" });
    const { report: status } = await document<StatusReport>("status");
    expect(status.failureQueue.undispatched.map(({ key }) => key)).to.deep.equal(["incoming/orders.csv"]);
  });

  it("stops following at Ctrl-C and lets executions go on", async () => {
    const { project, clients } = stack();
    const script = fileURLToPath(new URL("../../cli/run.mjs", import.meta.url));
    const child = spawn(process.execPath, [script, "drop", `--program=${project.folder}`, "orders.csv"], {
      cwd: folder,
      env: { ...process.env, ...project.env, INIT_CWD: folder },
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!stdout.includes("execution") && text.includes("execution")) child.kill("SIGINT");
      stdout += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(stdout).to.match(/^orders\.csv running: its execution has not ended$/m);
    expect(stdout).to.include("Stopped following. 1 execution goes on: npm run status -- --stack local");
    expect(code).to.equal(1);
    const { report } = await document<StatusReport>("status");
    const [file] = [...report.running, ...report.ended];
    const executionArn = `${output("stateMachineArn").replace(":stateMachine:", ":execution:")}:${file?.executionName ?? ""}`;
    const { status } = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).to.be.oneOf(["RUNNING", "SUCCEEDED"]);
  });

  it("says what is wrong when the stack cannot be read", async () => {
    const unknown = await run("status", "--stack=loca");
    expect(unknown.code).to.equal(1);
    expect(unknown.stderr).to.match(/there is no stack "loca" .*; did you mean local\?$/m);
    const { project } = stack();
    const loggedOut = await runCli(["status", `--program=${project.folder}`], {
      env: { ...project.env, PULUMI_BACKEND_URL: "", PULUMI_ACCESS_TOKEN: "", PULUMI_HOME: join(folder, "pulumi") },
    });
    expect(loggedOut.code).to.equal(1);
    expect(loggedOut.stderr).to.match(/^npm run status: Pulumi is not logged in: "pulumi login"/);
  });

  it("reads without a change to the stack's files", async () => {
    const { project } = stack();
    const read = (): readonly string[] =>
      ["Pulumi.yaml", "Pulumi.local.yaml"].map((file) => readFileSync(join(project.folder, file), "utf8"));
    const before = read();
    expect((await run("status")).code).to.equal(0);
    expect(read()).to.deep.equal(before);
  });

  it("says that nothing answers where the stack is deployed", async () => {
    const { emulator } = stack();
    await emulator.stop();
    for (const command of [["status"], ["drop", "orders.csv"]]) {
      const { code, stderr } = await run(...command);
      expect(code).to.equal(1);
      expect(stderr).to.match(/: nothing answers at http:\/\/localhost:\d+, .*"npm run emulator"/);
    }
  });
});
