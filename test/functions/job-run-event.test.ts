import { expect } from "chai";
import { createHandler, handler, type JobRunEventDependencies } from "../../functions/job-run-event.ts";
import { failureOf } from "../support/jobs.ts";

const topic = "arn:aws:sns:eu-central-1:123456789012:results";

const delayed = {
  source: "aws.glue",
  "detail-type": "Glue Job Run Status",
  detail: {
    jobName: "csv-job",
    severity: "INFO",
    notificationCondition: { NotifyDelayAfter: 30 },
    state: "RUNNING",
    jobRunId: "jr_1",
    message: "Job is in RUNNING state",
    startedOn: "2026-01-05T09:00:00Z",
  },
};

const failed = {
  source: "aws.glue",
  "detail-type": "Glue Job State Change",
  detail: { jobName: "csv-job", severity: "ERROR", state: "FAILED", jobRunId: "jr_1", message: "no such column" },
};

const given = (env: Readonly<Record<string, string>> = { RESULTS_TOPIC_ARN: topic }) => {
  const notices: unknown[] = [];
  const entries: unknown[] = [];
  const deps: JobRunEventDependencies = {
    sns: {
      publish: (notice) => {
        notices.push(notice);
        return Promise.resolve({});
      },
    },
    env,
    log: (entry) => entries.push(entry),
  };
  return { handle: createHandler(deps), notices, entries };
};

describe("The function for what Glue tells of job runs", () => {
  it("is a handler for Lambda", () => {
    expect(handler).to.be.a("function");
  });

  it("tells the results topic of a run that takes long, for subscribers to choose by", async () => {
    const { handle, notices } = given();
    await handle(delayed);
    const { jobName, jobRunId, state, startedOn, notificationCondition } = delayed.detail;
    expect(notices).to.deep.equal([
      {
        TopicArn: topic,
        Subject: "Job run delayed",
        Message: JSON.stringify({ outcome: "delayed", jobName, jobRunId, state, startedOn, notificationCondition }),
        MessageAttributes: { outcome: { DataType: "String", StringValue: "delayed" } },
      },
    ]);
  });

  it("writes a run that failed to its log only: its file may still succeed", async () => {
    const { handle, notices, entries } = given();
    await handle(failed);
    expect(notices).to.deep.equal([]);
    expect(entries).to.deep.equal([
      { level: "WARN", ...failed.detail, message: "no such column", type: "Glue Job State Change" },
    ]);
  });

  for (const [what, event, message] of [
    ["without a detail", {}, /^An event must have a detail, got \{\}/],
    ["that is none", undefined, /^An event must have a detail, got nothing/],
    ["without a run", { ...delayed, detail: { jobName: "a" } }, /^A delayed run must have jobName, jobRunId and state/],
  ] as const) {
    it(`fails on an event ${what}`, async () => {
      expect((await failureOf(() => given().handle(event))).message).to.match(message);
    });
  }

  it("names the variable that is missing", async () => {
    const error = await failureOf(() => given({}).handle(delayed));
    expect(error.message).to.contain("RESULTS_TOPIC_ARN must be set");
  });
});
