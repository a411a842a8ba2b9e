import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { createHandler, handler } from "../../functions/interrupted-execution.ts";
import { handler as simulatedHandler } from "../../functions/interrupted-simulated-execution.ts";
import type { Dependencies, JobRuns } from "../../functions/lib/aws.ts";
import { systemSleep } from "../../functions/lib/system-clock.ts";
import { failureOf, start } from "../support/jobs.ts";
import { DynamoDbService } from "../../local/services/dynamodb.ts";
import { table } from "../support/graph.ts";
import { testWorld } from "../support/world.ts";

const input = { jobName: "csv-job", arguments: { bucket: "landing", key: "incoming/a.csv", versionId: "v1", size: 8 } };

const change = (detail: Readonly<Record<string, unknown>> = {}) => ({
  source: "aws.states",
  detail: {
    executionArn: "arn:aws:states:eu-central-1:123456789012:execution:csv:a-csv-1",
    name: "a-csv-1",
    status: "ABORTED",
    startDate: start,
    stopDate: start + 60_000,
    input: JSON.stringify(input),
    inputDetails: { included: true },
    error: null,
    cause: null,
    ...detail,
  },
});

const run = (id: string, given: Partial<JobRun> = {}): JobRun => ({
  Id: id,
  JobName: "csv-job",
  JobRunState: "RUNNING",
  StartedOn: new Date(start + 1000),
  Arguments: { "--execution_name": "a-csv-1", "--attempt": "1" },
  ExecutionTime: 12,
  ...given,
});

/** Glue's answers, page by page, and what it was asked. */
class Runs implements JobRuns {
  readonly pages: unknown[] = [];
  readonly stopped: (readonly string[])[] = [];
  readonly #pages: readonly (readonly JobRun[])[];
  readonly #refuses: ReadonlySet<string>;
  readonly #late: readonly JobRun[];

  constructor(pages: readonly (readonly JobRun[])[], refuses: readonly string[] = [], late: readonly JobRun[] = []) {
    this.#pages = pages;
    this.#refuses = new Set(refuses);
    this.#late = late;
  }

  getJobRuns: JobRuns["getJobRuns"] = (request) => {
    this.pages.push(request.NextToken ?? "first");
    const index = Number(request.NextToken ?? 0);
    const isSecondLook = this.pages.filter((page) => page === "first").length > 1;
    const found = [...(isSecondLook && index === 0 ? this.#late : []), ...(this.#pages[index] ?? [])];
    const stopped = this.stopped.flat();
    return Promise.resolve({
      JobRuns: found.map((one) =>
        stopped.includes(one.Id ?? "") && !this.#refuses.has(one.Id ?? "") ? { ...one, JobRunState: "STOPPING" } : one,
      ),
      ...(index + 1 < this.#pages.length && { NextToken: String(index + 1) }),
    });
  };

  batchStopJobRun: JobRuns["batchStopJobRun"] = ({ JobRunIds = [] }) => {
    this.stopped.push(JobRunIds);
    return Promise.resolve({
      SuccessfulSubmissions: JobRunIds.filter((id) => !this.#refuses.has(id)).map((JobRunId) => ({ JobRunId })),
      Errors: JobRunIds.filter((id) => this.#refuses.has(id)).map((JobRunId) => ({
        JobRunId,
        ErrorDetail: { ErrorCode: "InvalidInputException", ErrorMessage: "it has ended" },
      })),
    });
  };
}

interface Setting {
  readonly deps: Parameters<typeof createHandler>[0];
  readonly messages: string[];
  readonly notices: Parameters<Dependencies["sns"]["publish"]>[0][];
  readonly waits: number[];
}

const env = {
  JOB_NAME: "csv-job",
  INTERRUPTIONS_TABLE: "interruptions",
  FAILURE_QUEUE_URL: "https://sqs/failures",
  RESULTS_TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:results",
};

const setting = async (glue: JobRuns, given: Partial<Setting["deps"]> = {}): Promise<Setting> => {
  const world = await testWorld([
    table("interruptions", { hashKey: "Interruption", attributes: [{ name: "Interruption", type: "S" }] }),
  ]);
  const dynamoDb = new DynamoDbService(world);
  const messages: string[] = [];
  const notices: Setting["notices"] = [];
  const waits: number[] = [];
  return {
    messages,
    notices,
    waits,
    deps: {
      glue,
      dynamoDb: {
        updateItem: (request) => Promise.resolve().then(() => dynamoDb.updateItem(request)),
      } as Setting["deps"]["dynamoDb"],
      executions: { getExecutionHistory: () => Promise.reject(new Error("not to be asked")) },
      sqs: {
        sendMessage: ({ MessageBody }) => {
          messages.push(MessageBody);
          return Promise.resolve({});
        },
      },
      sns: {
        publish: (notice) => {
          notices.push(notice);
          return Promise.resolve({});
        },
      },
      env,
      now: () => start + 61_000,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
      log: () => undefined,
      ...given,
    },
  };
};

const reportIn = (messages: readonly string[]): Record<string, unknown> =>
  JSON.parse(messages[0] ?? "{}") as Record<string, unknown>;

const first = { awsRequestId: "r-1" };

describe("The function for interrupted executions", () => {
  it("is a handler for Lambda, for real and for simulated jobs", async () => {
    expect(handler).to.be.a("function");
    expect(simulatedHandler).to.be.a("function");
    await systemSleep(0);
  });

  it("stops the execution's runs, keeps the failure and tells of it", async () => {
    const glue = new Runs([
      [
        run("jr_2", { JobRunState: "STARTING", Arguments: { "--execution_name": "a-csv-1", "--attempt": "2" } }),
        run("jr_x", { Arguments: { "--execution_name": "other" } }),
        run("jr_1", { JobRunState: "FAILED" }),
      ],
    ]);
    const { deps, messages, notices, waits } = await setting(glue);
    expect(await createHandler(deps)(change(), first)).to.deep.equal({ reported: "now", stopped: ["jr_2"] });
    expect(glue.stopped).to.deep.equal([["jr_2"]]);
    // A start that was on its way is looked for once more, ten seconds after the execution's end.
    expect(waits).to.deep.equal([9_000]);
    const report = {
      outcome: "failed",
      file: input.arguments,
      executionName: "a-csv-1",
      jobName: "csv-job",
      attempts: 2,
      jobRun: { Id: "jr_2", JobRunState: "STOPPING", ExecutionTime: 12, ErrorMessage: "" },
      error: "Execution.ABORTED",
      cause: "Execution a-csv-1 was ABORTED; stopped jr_2",
      input,
    };
    expect(messages.map((message) => JSON.parse(message) as unknown)).to.deep.equal([report]);
    expect(notices).to.deep.equal([
      {
        TopicArn: env.RESULTS_TOPIC_ARN,
        Subject: "File failed",
        Message: messages[0],
        MessageAttributes: { outcome: { DataType: "String", StringValue: "failed" } },
      },
    ]);
  });

  it("finds a run whose start was on its way", async () => {
    const glue = new Runs([[]], [], [run("jr_late")]);
    const { deps } = await setting(glue);
    expect(await createHandler(deps)(change(), first)).to.deep.equal({ reported: "now", stopped: ["jr_late"] });
  });

  it("looks once, without a wait, when the event comes late", async () => {
    const glue = new Runs([[run("jr_1")]]);
    const { deps, waits } = await setting(glue, { now: () => start + 600_000 });
    await createHandler(deps)(change(), first);
    expect([waits, glue.pages]).to.deep.equal([[], ["first"]]);
  });

  it("pages back to the execution's start, and no further", async () => {
    const old = run("jr_old", { StartedOn: new Date(start - 120_000) });
    const glue = new Runs([[run("jr_2")], [run("jr_1"), old], [run("jr_older")]]);
    const { deps } = await setting(glue, { now: () => start + 600_000 });
    await createHandler(deps)(change(), first);
    expect(glue.pages).to.deep.equal(["first", "1"]);
    expect(glue.stopped).to.deep.equal([["jr_2", "jr_1"]]);
  });

  it("asks for at most 25 runs to stop at a time", async () => {
    const glue = new Runs([Array.from({ length: 60 }, (_, index) => run(`jr_${index}`))]);
    const { deps } = await setting(glue, { now: () => start + 600_000 });
    await createHandler(deps)(change(), first);
    expect(glue.stopped.map((batch) => batch.length)).to.deep.equal([25, 25, 10]);
  });

  it("says which runs could not be stopped, and why", async () => {
    const { deps, messages } = await setting(new Runs([[run("jr_1"), run("jr_2")]], ["jr_2"]));
    await createHandler(deps)(change({ status: "TIMED_OUT" }), first);
    expect(reportIn(messages)).to.include({
      error: "Execution.TIMED_OUT",
      cause: "Execution a-csv-1 was TIMED_OUT; stopped jr_1; could not stop jr_2: InvalidInputException: it has ended",
    });
  });

  it("reports an interruption once, whoever is told of it how often", async () => {
    const { deps, messages, notices } = await setting(new Runs([[]]));
    const handle = createHandler(deps);
    await handle(change(), first);
    expect(await handle(change(), first)).to.include({ reported: "now" });
    expect(await handle(change(), { awsRequestId: "r-2" })).to.deep.equal({ reported: "already", stopped: [] });
    expect([messages.length, notices.length]).to.deep.equal([1, 1]);
  });

  it("reports an execution again that was redriven and interrupted again", async () => {
    const { deps, messages } = await setting(new Runs([[]]));
    await createHandler(deps)(change(), first);
    await createHandler(deps)(change({ stopDate: start + 90_000 }), { awsRequestId: "r-2" });
    expect(messages).to.have.length(2);
  });

  it("goes on where a try has failed, without repeating what is done", async () => {
    let isDown = true;
    const notices: unknown[] = [];
    const { deps, messages } = await setting(new Runs([[]]), {
      sns: {
        publish: (notice) => {
          if (isDown) return Promise.reject(new Error("down"));
          notices.push(notice);
          return Promise.resolve({});
        },
      },
    });
    const handle = createHandler(deps);
    expect((await failureOf(() => handle(change(), first))).message).to.equal("down");
    isDown = false;
    await handle(change(), first);
    expect([messages.length, notices.length]).to.deep.equal([1, 1]);
  });

  it("fails when Glue does, so that the event is tried again and kept in the end", async () => {
    const glue: JobRuns = {
      getJobRuns: () => Promise.reject(Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" })),
      batchStopJobRun: () => Promise.reject(new Error("not to be asked")),
    };
    const { deps, messages } = await setting(glue);
    expect(await failureOf(() => createHandler(deps)(change(), first))).to.have.property("name", "ThrottlingException");
    expect(messages).to.deep.equal([]);
  });

  it("leaves the report to an execution that failed by its Fail state, and stops what it left", async () => {
    const glue = new Runs([[run("jr_1")]]);
    const asked: unknown[] = [];
    const { deps, messages, notices } = await setting(glue, {
      executions: {
        getExecutionHistory: (request) => {
          asked.push(request.reverseOrder);
          const timestamp = new Date(start);
          return Promise.resolve({
            events: [
              { id: 9, timestamp, type: "ExecutionFailed" as const },
              { id: 8, timestamp, type: "FailStateEntered" as const },
            ],
          });
        },
      },
    });
    const failed = change({ status: "FAILED", error: "States.Timeout" });
    expect(await createHandler(deps)(failed, first)).to.deep.equal({ reported: "machine", stopped: ["jr_1"] });
    expect([asked, messages, notices]).to.deep.equal([[true], [], []]);
  });

  it("reports an execution that failed otherwise, by the error that it failed with", async () => {
    const { deps, messages } = await setting(new Runs([[]]), {
      executions: {
        getExecutionHistory: () =>
          Promise.resolve({ events: [{ id: 9, timestamp: new Date(start), type: "ExecutionFailed" as const }] }),
      },
    });
    await createHandler(deps)(change({ status: "FAILED", error: "States.Runtime", cause: "too long" }), first);
    expect(reportIn(messages)).to.include({
      error: "States.Runtime",
      cause: "Execution a-csv-1 was FAILED: States.Runtime: too long",
    });
  });

  it("asks for the input where the event leaves it out, and leaves a very long one out of the message", async () => {
    const long = JSON.stringify({ ...input, arguments: { ...input.arguments, key: "x".repeat(255 * 1024) } });
    const timestamp = new Date(start);
    const { deps, messages } = await setting(new Runs([[]]), {
      executions: {
        getExecutionHistory: () =>
          Promise.resolve({
            events: [
              { id: 1, timestamp, type: "ExecutionStarted" as const, executionStartedEventDetails: { input: long } },
            ],
          }),
      },
    });
    await createHandler(deps)(change({ input: null, inputDetails: { included: false } }), first);
    const report = reportIn(messages);
    expect(report).to.not.have.any.keys("input", "file");
    expect(report.cause).to.match(/its input is too long for a message: DescribeExecution has it$/);
  });

  it("reports an execution that was started by hand with another input", async () => {
    const { deps, messages } = await setting(new Runs([[]]));
    await createHandler(deps)(change({ input: "[1]" }), first);
    expect(reportIn(messages))
      .to.deep.include({ jobName: "csv-job", attempts: 0, input: [1] })
      .and.not.have.property("file");
  });

  const malformed: readonly [string, unknown][] = [
    ["detail must be an object, got nothing", {}],
    ['detail.status must be FAILED or TIMED_OUT or ABORTED, got "RUNNING"', change({ status: "RUNNING" })],
    ["detail.name must be a text, got nothing", change({ name: undefined })],
    ["detail.stopDate must be milliseconds since the epoch, got null", change({ stopDate: null })],
  ];
  for (const [problem, event] of malformed) {
    it(`fails on another event: ${problem}`, async () => {
      const { deps } = await setting(new Runs([[]]));
      expect((await failureOf(() => createHandler(deps)(event, first))).message).to.equal(
        `A status change's ${problem}`,
      );
    });
  }
});
