import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { definitionsOf, jobStagesOf, masked, stageNamesOf } from "../../../cli/run/machines.ts";
import { reportOn } from "../../../cli/run/report.ts";
import { summariesOf } from "../../../cli/run/summaries.ts";
import { modeOf, usageOf } from "../../../cli/run/usage-of.ts";
import { costOf } from "../../../local/cost.ts";
import type { Resource, ResourceGraph } from "../../../local/resource-graph.ts";
import {
  created,
  ended,
  History,
  invoked,
  jobRun,
  ledgerOf,
  RUN_ID,
  started,
  upload,
} from "../../support/cli-events.ts";

const resource = (type: string, name: string, properties: object = {}, urn = `urn:${name}`): Resource => ({
  type,
  name,
  urn,
  id: name,
  dependencies: [],
  properties: { ...properties },
  given: [],
});

const graphOf = (...resources: Resource[]): ResourceGraph => ({
  project: "p",
  stack: "local",
  directory: "/",
  region: "us-east-1",
  accountId: "000000000000",
  outputs: {},
  messages: [],
  resources,
});

const run = { JobRunState: "SUCCEEDED", WorkerType: "G.1X", NumberOfWorkers: 2, ExecutionTime: 12 } as const;

const finished = () =>
  ledgerOf(
    [upload()],
    [
      created(),
      invoked(),
      started(),
      new History().add("TaskSucceeded", { output: { JobRunId: RUN_ID } }),
      jobRun(run),
      { kind: "notification", topic: "results", subject: "done", message: "orders-1" },
      { kind: "notification", topic: "results", message: "plain" },
      ended({ output: { outcome: "succeeded", output: { bucket: "out", prefix: "processed/execution=orders-1/" } } }),
    ],
  );

describe("reportOn", () => {
  it("tells of files, executions with their runs, objects, notifications and cost", () => {
    const cost = costOf({ jobRuns: [], transitions: 0, invocations: [] });
    const context = { stack: "local", mode: "simulated", clock: "virtual", objects: [], cost, wallSeconds: 1.5 };
    expect(reportOn(finished(), context)).to.deep.equal({
      ...context,
      files: [{ bucket: "landing", key: "incoming/orders.csv", outcome: "succeeded", executionName: "orders-1" }],
      executions: [
        {
          name: "orders-1",
          status: "SUCCEEDED",
          startDate: "1970-01-01T00:00:02.000Z",
          stopDate: "1970-01-01T00:00:07.000Z",
          input: { jobName: "process-csv", arguments: { bucket: "landing", key: "incoming/orders.csv" } },
          output: { outcome: "succeeded", output: { bucket: "out", prefix: "processed/execution=orders-1/" } },
          transitions: 0,
          jobRuns: [{ Id: RUN_ID, JobName: "process-csv", ...run }],
        },
      ],
      notifications: [
        { topic: "results", subject: "done", message: "orders-1", date: "1970-01-01T00:00:05.000Z" },
        { topic: "results", message: "plain", date: "1970-01-01T00:00:06.000Z" },
      ],
    });
  });

  it("leaves out what there is not", () => {
    const cost = costOf({ jobRuns: [], transitions: 0, invocations: [] });
    const context = { stack: "local", mode: "", clock: "virtual", objects: [], cost, wallSeconds: 0 };
    const { files, executions } = reportOn(
      ledgerOf([upload(), upload("b.csv")], [started(), ended({ status: "FAILED", error: "E", cause: "c" })]),
      context,
    );
    expect(files[1]).to.deep.equal({
      bucket: "landing",
      key: "incoming/b.csv",
      outcome: "failed",
      reason: "no execution was started for it",
    });
    expect(executions[0]).to.have.keys(
      "name",
      "status",
      "startDate",
      "stopDate",
      "input",
      "error",
      "cause",
      "transitions",
      "jobRuns",
    );
  });
});

describe("summariesOf", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "summaries-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("takes rows from the job's summary and paths relative to the person's folder", () => {
    const summary = join(folder, "summary.json");
    writeFileSync(summary, JSON.stringify({ rowsWritten: 10, rowsRejected: 2 }));
    const objects = [
      { bucket: "landing", key: "incoming/orders.csv", size: 1, path: join(folder, "orders.csv") },
      {
        bucket: "out",
        key: "processed/execution=orders-1/part-0.parquet",
        size: 1,
        path: join(folder, "part-0.parquet"),
      },
      { bucket: "out", key: "summary/execution=orders-1/summary.json", size: 1, path: summary },
    ];
    expect(summariesOf(finished(), objects, folder)).to.deep.equal([
      {
        file: "orders.csv",
        outcome: "succeeded",
        attempts: 1,
        took: 7000,
        rowsWritten: 10,
        rowsRejected: 2,
        output: "part-0.parquet",
        kept: "orders.csv",
      },
    ]);
  });

  it("makes do without output, summary or object", () => {
    const [summary] = summariesOf(ledgerOf([upload()], [started()]), [], folder);
    expect(summary).to.deep.include({ outcome: "running", attempts: 0, kept: "s3://landing/incoming/orders.csv" });
    expect(summary).not.to.have.any.keys("took", "output", "rowsWritten");
  });
});

describe("usageOf", () => {
  const dispatcher = resource("aws:lambda/function:Function", "d", {
    name: "dispatcher",
    memorySize: 256,
    architectures: ["arm64"],
  });
  const simulated =
    "urn:pulumi:local::p::glue-pipeline:index:GluePipeline$glue-pipeline:index:SimulatedGlueJob$aws:lambda/function:Function::start";

  it("counts the functions that real mode has too", () => {
    const start = resource("aws:lambda/function:Function", "s", { name: "start" }, simulated);
    const ledger = finished();
    ledger.observe({ kind: "function-invoked", functionName: "start", requestId: "r2", payload: {} }, 0);
    const usage = usageOf(ledger, graphOf(dispatcher, start));
    expect(usage.invocations).to.deep.equal([{ memoryMb: 256, architecture: "arm64" }]);
    expect(usage.jobRuns).to.have.lengthOf(1);
  });

  it("takes Lambda's defaults where the program says nothing", () => {
    const plain = resource("aws:lambda/function:Function", "dispatcher");
    expect(usageOf(finished(), graphOf(plain)).invocations).to.deep.equal([{ memoryMb: 128, architecture: "x86_64" }]);
  });

  it("counts the shards of streams for as long as anything happened, but not of those that are charged by use", () => {
    const stream = (name: string, properties: object) => resource("aws:kinesis/stream:Stream", name, properties);
    const graph = graphOf(
      stream("a", { shardCount: 2, retentionPeriod: 168 }),
      stream("b", { shardCount: 1 }),
      stream("c", {}),
    );
    expect(usageOf(finished(), graph).streams).to.deep.equal([
      { shards: 2, retentionHours: 168, durationMs: 7000 },
      { shards: 1, retentionHours: 24, durationMs: 7000 },
    ]);
  });

  it("tells express executions from standard ones", () => {
    const express = {
      kind: "execution-started",
      executionArn: "arn:aws:states:us-east-1:0:express:m:e:1",
      name: "e",
      input: {},
    } as const;
    const ledger = ledgerOf([], [express, { ...ended({}, "e"), executionArn: express.executionArn } as never]);
    expect(usageOf(ledger, graphOf())).to.deep.include({ transitions: 0, expressExecutions: [{ durationMs: 1000 }] });
  });

  it("tells who runs the jobs", () => {
    expect(modeOf(graphOf(resource("aws:lambda/function:Function", "s", {}, simulated)))).to.equal("simulated");
    expect(modeOf(graphOf(resource("aws:glue/job:Job", "j")))).to.equal("real");
    expect(modeOf(graphOf())).to.equal("");
  });
});

describe("definitionsOf", () => {
  const machine = { States: { A: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f" } } };

  it("gives each machine's definition by its name in the program", () => {
    const definition = JSON.stringify(machine);
    expect(definitionsOf(graphOf(resource("aws:sfn/stateMachine:StateMachine", "csv", { definition })))).to.deep.equal({
      csv: machine,
    });
  });

  it("masks who answers a task, whose account it is and what makes names unique, and nothing else", () => {
    expect(
      masked({
        ...machine,
        list: ["https://sqs.us-east-1.amazonaws.com/123456789012/q", 5, null],
        JobName: "cost-small-dff6e40",
        text: "a-deadbeef of lead-defaced0",
        Resource: "not a task's",
      }),
    ).to.deep.equal({
      States: { A: { Type: "Task", Resource: "RESOURCE" } },
      list: ["https://sqs.us-east-1.amazonaws.com/ACCOUNT/q", 5, null],
      JobName: "cost-small-ID",
      text: "a-deadbeef of lead-defaced0",
      Resource: "not a task's",
    });
  });
});

describe("stageNamesOf", () => {
  const machine = (name: string, ...states: readonly string[]) =>
    resource("aws:sfn/stateMachine:StateMachine", name, {
      definition: JSON.stringify({ States: Object.fromEntries(states.map((state) => [state, {}])) }),
    });
  const files = machine("files", "Validate", "Clean StartJobRun", "Clean GetJobRun", "Tell", "NotifySucceeded");
  const keeper = machine("keeper", "StartJobRun", "GetJobRun", "IsKept");

  it("names what a machine consists of, but for what is in all of them", () => {
    expect(stageNamesOf(graphOf(files))).to.deep.equal(["Clean", "Tell"]);
    expect(jobStagesOf(graphOf(files))).to.deep.equal(["Clean"]);
  });

  it("has no names for a machine with one job, beside others too", () => {
    expect(stageNamesOf(graphOf(keeper))).to.deep.equal([]);
    expect(stageNamesOf(graphOf(keeper, files))).to.deep.equal(["Clean", "Tell"]);
    expect(jobStagesOf(graphOf(keeper, files))).to.deep.equal(["Clean"]);
  });
});
