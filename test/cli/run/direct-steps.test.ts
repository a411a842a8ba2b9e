import { expect } from "chai";
import { Narrator } from "../../../cli/render/narrator.ts";
import { directStepIn, isReminder } from "../../../cli/run/direct-steps.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import { verdictOn } from "../../../cli/run/outcome.ts";
import { executionReports } from "../../../cli/run/report.ts";
import { runPipeline } from "../../support/pipeline.ts";
import { graphOf } from "../../support/stacks.ts";

/** What the command line makes of files that go through their job without a state machine. */
const told = async (...keys: readonly string[]) => {
  const graph = await graphOf("local", {
    dispatch: "direct",
    simulatedFailureRate: "0",
    maxAttempts: "2",
    maxConcurrentRuns: "1",
    jobRunQueuing: "false",
    simulatedScenarios: JSON.stringify([
      { match: "*bad*", Return: { JobRunState: "FAILED", ErrorMessage: "no disk" } },
    ]),
  });
  const bucket = String(graph.outputs.landingBucket);
  const ledger = new Ledger(keys.map((key) => ({ file: key, bucket, key: `incoming/${key}`, size: 8 })));
  const narrators = new Map(ledger.subjects.map((subject) => [subject, new Narrator(subject)]));
  const steps: string[] = [];
  await runPipeline(
    graph,
    keys.map((key) => ({ key: `incoming/${key}` })),
    {
      observer: (event, at) => {
        const subject = ledger.observe(event, at);
        const step = subject && narrators.get(subject)?.tell(event);
        if (step !== undefined)
          steps.push(`${subject !== undefined && "upload" in subject ? subject.upload.file : ""} ${step.label}`);
      },
    },
  );
  return { ledger, steps };
};

describe("Files that are dispatched directly", () => {
  it("are told step by step, and no word of the reminders", async () => {
    const { ledger, steps } = await told("good.csv");
    expect(steps.filter((step, index) => step !== steps[index - 1])).to.deep.equal(
      [
        ...["S3 event", "entered", "StartJobRun", "STARTING", "RUNNING", "wrote", "SUCCEEDED", "notified", "succeeded"],
      ].map((label) => `good.csv ${label}`),
    );
    const [execution] = executionReports(ledger);
    expect(execution).to.include({ status: "SUCCEEDED", transitions: 0 });
    expect(execution?.jobRuns).to.have.length(1);
    expect(ledger.files.map(verdictOn)).to.deep.equal([{ outcome: "succeeded" }]);
  });

  it("are told with their failures, their waits for a place and their reasons", async () => {
    const { ledger, steps } = await told("bad.csv", "next.csv", "wrong.pdf");
    const [bad, next, wrong] = ledger.files.map(verdictOn);
    expect(bad?.reason).to.match(/^JobRun\.FAILED: Job run jr_\w+ of \S+ was FAILED after attempt 2: no disk$/);
    expect(next).to.deep.equal({ outcome: "succeeded" });
    expect(wrong).to.deep.equal({ outcome: "rejected", reason: "its name must end in .csv" });
    expect(steps.filter((step) => step === "bad.csv StartJobRun")).to.have.length.of.at.least(2);
    expect(steps).to.include.members(["bad.csv FAILED", "bad.csv queued", "bad.csv failed", "wrong.pdf rejected"]);
    const runs = executionReports(ledger).map(({ status, jobRuns }) => [status, jobRuns.length]);
    expect(runs).to.deep.equal([
      ["FAILED", 2],
      ["SUCCEEDED", 1],
      ["SUCCEEDED", 0],
    ]);
  });

  it("are not mistaken for what other functions log or send", () => {
    expect(directStepIn({ message: "started", executionName: "a", jobRunId: "jr_1" })).to.equal(undefined);
    expect(directStepIn({ dispatch: "direct", message: "dispatched" })).to.equal(undefined);
    expect(directStepIn({ dispatch: "direct", executionName: "a", message: "ended" })).to.equal(undefined);
    expect(directStepIn("text")).to.equal(undefined);
    expect(isReminder({ executionName: "a", outcome: "failed" })).to.equal(false);
    expect(isReminder({ executionName: "a", turn: 1 })).to.equal(true);
  });
});
