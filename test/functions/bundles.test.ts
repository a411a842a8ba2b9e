import { build } from "esbuild";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { withPlainKeys } from "../../components/sdk-schemas.ts";
import { executionName } from "../../functions/lib/execution-name.ts";
import { LambdaEndpoint } from "../support/lambda/endpoint.ts";
import { LambdaEnvironment } from "../support/lambda/environment.ts";
import { deployedFunction, functionNames, type FunctionName } from "../support/lambda/functions.ts";
import { findNode, lambdaMajors, missingNotice, type LambdaNode } from "../support/lambda/node.ts";
import { s3Record } from "../support/s3-events.ts";
import { readParquet } from "./stand-ins/parquet-reader.ts";

const mostBytes = 400_000;

/** Runs that are over at once, so that nobody has to wait for the first look at their end. */
const config = { simulatedStartUpSeconds: "0", simulatedDurationSeconds: "0", simulatedFailureRate: "0" };

const runArguments = {
  "--bucket": "landing",
  "--key": "incoming/orders.csv",
  "--version_id": "null",
  "--size": "8",
  "--output_bucket": "output",
  "--execution_name": "orders-1",
  "--attempt": "1",
};

const found = await Promise.all(lambdaMajors.map(findNode));
const nodes = found.filter((node) => "path" in node);
const missing = found.filter((node) => "reason" in node);
if (missing.length > 0) console.error(`\n${missingNotice(missing)}\n`);

describe("The bundles of the functions", () => {
  for (const name of functionNames) {
    it(`have at most ${mostBytes / 1000} kB with the SDK's clients: ${name}`, async () => {
      const { files } = await deployedFunction(name);
      expect(Object.keys(files)).to.have.length(1);
      expect(Buffer.byteLength(Object.values(files).join(""))).to.be.lessThan(mostBytes);
    });
  }

  it("run on each version of Node that they have to, where everything must be tested", () => {
    if (process.env.CI === "true") expect(missing).to.deep.equal([]);
    expect(nodes.map(({ version }) => Number.parseInt(version))).to.deep.equal(nodes.map(({ major }) => major));
  });

  for (const node of nodes) {
    describe(`in a bare environment with Node ${node.major}`, () => {
      bundlesOn(node);
    });
  }
});

function bundlesOn(node: LambdaNode): void {
  const environments = new Map<FunctionName, LambdaEnvironment>();
  let aws: LambdaEndpoint;

  const invoke = (name: FunctionName, event: unknown) => {
    const environment = environments.get(name);
    if (environment === undefined) throw new Error(`${name} was not started`);
    return environment.invoke(event);
  };

  before(async () => {
    aws = new LambdaEndpoint();
    const endpoint = await aws.start();
    for (const name of functionNames) {
      const lambda = await deployedFunction(name, config);
      const environment = {
        ...lambda.environment,
        ...("TABLE_NAME" in (lambda.environment ?? {}) && { TABLE_NAME: aws.tableName }),
        ...("INTERRUPTIONS_TABLE" in (lambda.environment ?? {}) && { INTERRUPTIONS_TABLE: "interruptions" }),
        ...("LEDGER_TABLE" in (lambda.environment ?? {}) && { LEDGER_TABLE: "ledger" }),
      };
      environments.set(name, await LambdaEnvironment.start({ ...lambda, environment }, node, endpoint));
    }
    aws.invoke = (event) => invoke("csv-job-stand-in", event);
  });

  after(async () => {
    await Promise.all([...environments.values()].map((environment) => environment.stop()));
    aws.stop();
  });

  it("start an execution for an object that landed", async () => {
    const event = { Records: [s3Record({ bucket: "landing", key: "incoming/a+b%C3%A9.csv", size: 8 })] };
    expect(await invoke("csv-dispatcher", event)).to.deep.equal({ value: { started: 1, already: 0, ignored: 0 } });
    const object = { bucket: "landing", key: "incoming/a bé.csv", versionId: "v1", sequencer: "0055AED6DCD90281E5" };
    const { environment } = await deployedFunction("csv-dispatcher", config);
    expect(aws.executions).to.deep.equal([
      {
        stateMachineArn: environment?.STATE_MACHINE_ARN,
        name: executionName(object),
        input: JSON.stringify({
          jobName: environment?.JOB_NAME,
          arguments: { bucket: object.bucket, key: object.key, versionId: "v1", size: 8, sequencer: object.sequencer },
        }),
      },
    ]);
  });

  it("take a job run from its start to its output", async () => {
    aws.objects.set("/landing/incoming/orders.csv", Buffer.from("a,b\n1,2\n3,4\nx\n"));
    aws.objects.set("/output/rejected/execution=orders-1/old.csv", Buffer.from("of an earlier run"));
    const JobName = (await deployedFunction("csv-job-start", config)).environment?.TABLE_NAME;
    const started = await invoke("csv-job-start", { JobName, Arguments: runArguments });
    const { JobRunId } = valueOf(started) as { readonly JobRunId: string };
    expect(JobRunId).to.match(/^jr_[0-9a-f]{64}$/);

    const { JobRun } = valueOf(await invoke("csv-job-get", { JobName, RunId: JobRunId })) as {
      readonly JobRun: object;
    };
    expect(JobRun).to.deep.include({ Id: JobRunId, JobName, JobRunState: "SUCCEEDED", Arguments: runArguments });
    expect(aws.invocations.map(({ body }) => body)).to.deep.equal([{ JobName, JobRunId, Arguments: runArguments }]);
    expect([...aws.objects.keys()].filter((path) => path.startsWith("/output/"))).to.deep.equal([
      "/output/processed/execution=orders-1/part-00000.parquet",
      "/output/rejected/execution=orders-1/rejected.csv",
      "/output/summary/execution=orders-1/summary.json",
    ]);
    const parquet = aws.objects.get("/output/processed/execution=orders-1/part-00000.parquet");
    expect((await readParquet(parquet ?? Buffer.of())).rows).to.deep.equal([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("stop what an interrupted execution left behind in Glue, and report it", async () => {
    const at = Math.floor(Date.UTC(2026, 0, 5) / 1000);
    const runOf = (execution: string) => ({ "--execution_name": execution, "--attempt": "1" });
    aws.jobRuns.push(
      { Id: "jr_2", JobRunState: "RUNNING", StartedOn: at + 60, Arguments: runOf("a-1") },
      { Id: "jr_1", JobRunState: "RUNNING", StartedOn: at + 30, Arguments: runOf("b-1") },
    );
    const change = {
      detail: {
        executionArn: "arn:aws:states:us-east-1:123456789012:execution:csv:a-1",
        name: "a-1",
        status: "FAILED",
        error: "States.Runtime",
        startDate: at * 1000,
        stopDate: (at + 90) * 1000,
        input: JSON.stringify({ jobName: "csv", arguments: { key: "incoming/a.csv" } }),
      },
    };
    expect(await invoke("prod csv-interruptions", change)).to.deep.equal({
      value: { reported: "now", stopped: ["jr_2"] },
    });
    const [, stopped, kept] = aws.calls.filter(({ target }) => !target.includes("History"));
    expect(stopped).to.deep.nested.include({ target: "AWSGlue.BatchStopJobRun", "body.JobRunIds": ["jr_2"] });
    expect(kept?.target).to.equal("AmazonSQS.SendMessage");
    const report = JSON.parse((kept?.body as { MessageBody: string }).MessageBody) as object;
    expect(report).to.include({ outcome: "failed", error: "States.Runtime", executionName: "a-1" });
    expect(aws.notices.at(-1)).to.include({
      Action: "Publish",
      Message: JSON.stringify(report),
      "MessageAttributes.entry.1.Value.StringValue": "failed",
    });
  });

  it("take a file through its job without a state machine", async () => {
    const Records = [s3Record({ bucket: "landing", key: "incoming/direct.csv", size: 8 })];
    const dispatched = { value: { started: 1, already: 0, ignored: 0 } };
    expect(await invoke("direct csv-dispatcher", { Records })).to.deep.equal(dispatched);
    const [started, reminder] = aws.calls.slice(-2);
    expect(started).to.deep.nested.include({
      target: "AWSGlue.StartJobRun",
      "body.Arguments.--key": "incoming/direct.csv",
    });
    expect(reminder?.target).to.equal("AmazonSQS.SendMessage");
    const { MessageBody: body } = reminder?.body as { MessageBody: string };
    expect(await invoke("direct csv-dispatcher", { Records })).to.deep.equal({
      value: { started: 0, already: 1, ignored: 0 },
    });
    const watched = await invoke("direct csv-direct-watcher", { Records: [{ messageId: "1", body }] });
    expect(watched).to.deep.equal({ value: { batchItemFailures: [] } });
    expect(aws.calls.filter(({ target }) => target === "AWSGlue.StartJobRun")).to.have.length(1);
    const notice = aws.notices.at(-1);
    expect(notice).to.include({
      "MessageAttributes.entry.1.Value.StringValue": "succeeded",
      Subject: "File succeeded",
    });
    expect(JSON.parse(notice?.Message ?? "")).to.deep.nested.include({
      "file.key": "incoming/direct.csv",
      "jobRun.Id": "jr_started",
    });
  });

  it("list simulated runs", async () => {
    const JobName = (await deployedFunction("simulated-direct csv-job-list", config)).environment?.TABLE_NAME;
    const { JobRuns } = valueOf(await invoke("simulated-direct csv-job-list", { JobName })) as {
      readonly JobRuns: readonly { readonly JobName: string }[];
    };
    expect(JobRuns.map((run) => run.JobName)).to.include(JobName);
  });

  it("stop simulated runs, and tell of runs that take long", async () => {
    const JobName = (await deployedFunction("csv-job-stop", config)).environment?.TABLE_NAME;
    const answer = valueOf(await invoke("csv-job-stop", { JobName, JobRunIds: ["jr_none"] }));
    expect(answer).to.have.nested.property("Errors[0].ErrorDetail.ErrorCode", "EntityNotFoundException");
    const detail = { jobName: "csv", jobRunId: "jr_9", state: "RUNNING" };
    await invoke("prod csv-job-runs", { "detail-type": "Glue Job Run Status", detail });
    expect(aws.notices.at(-1)).to.include({ "MessageAttributes.entry.1.Value.StringValue": "delayed" });
  });

  it("fail with the errors that callers look for", async () => {
    const JobName = (await deployedFunction("csv-job-start", config)).environment?.TABLE_NAME;
    const failures = {
      dispatch: await invoke("csv-dispatcher", { Records: [{ eventSource: "aws:s3" }] }),
      start: await invoke("csv-job-start", { JobName: "another" }),
      get: await invoke("csv-job-get", { JobName, RunId: "jr_none" }),
      interruption: await invoke("csv-interruptions", { detail: {} }),
      missing: await invoke("csv-job-stand-in", {
        JobName,
        JobRunId: "jr_1",
        Arguments: { ...runArguments, "--key": "gone" },
      }),
    };
    expect(
      Object.entries(failures).map(([what, answer]) => [what, "error" in answer && answer.error.errorType]),
    ).to.deep.equal([
      ["dispatch", "DispatchError"],
      ["start", "Glue.EntityNotFoundException"],
      ["get", "Glue.EntityNotFoundException"],
      ["interruption", "Error"],
      ["missing", "NoSuchKey"],
    ]);
  });
}

describe("withPlainKeys", () => {
  for (const client of [
    "client-dynamodb",
    "client-glue",
    "client-lambda",
    "client-s3",
    "client-sfn",
    "client-sns",
    "client-sqs",
  ]) {
    it(`changes nothing of what the schemas of ${client} say`, async () => {
      const path = fileURLToPath(
        new URL(`../../node_modules/@aws-sdk/${client}/dist-es/schemas/schemas_0.js`, import.meta.url),
      );
      const source = readFileSync(path, "utf8");
      const mended = withPlainKeys(source);
      expect(mended).to.not.match(/[{,]\s*\[\w+\]:/);
      expect(await described(mended, path)).to.equal(await described(source, path));
    });
  }

  it("leaves alone what is no constant text", () => {
    const source = 'const _a = "a";\nlet _b = "b";\nconst x = { [_a]: [_a], [_b]: 1, [_c]: _a };\n';
    expect(withPlainKeys(source)).to.equal(source.replace("[_a]: [_a]", '"a": [_a]'));
  });
});

/** All that a module of schemas exports, as text. */
async function described(contents: string, path: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: dirname(path), loader: "js" },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
  });
  const [file] = outputFiles;
  const url = `data:text/javascript;base64,${Buffer.from(file?.contents ?? []).toString("base64")}`;
  const schemas = (await import(url)) as Record<string, unknown>;
  return JSON.stringify(schemas, (_, value: unknown) => (typeof value === "function" ? value.toString() : value));
}

function valueOf(answer: Awaited<ReturnType<LambdaEnvironment["invoke"]>>): unknown {
  if ("error" in answer) throw new Error(`${answer.error.errorType}: ${answer.error.errorMessage}`);
  return answer.value;
}
