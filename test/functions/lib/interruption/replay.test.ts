import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import type { Executions } from "../../../../functions/lib/aws.ts";
import { replayOf } from "../../../../functions/lib/interruption/replay.ts";

const plan = { from: ["Clean", "Clean more", "Report"], results: ["clean", "cleanMore", "totals"] };
const execution = { executionArn: "arn:aws:states:eu-central-1:123456789012:execution:flow:a-csv-1", name: "a-csv-1" };
const input = { arguments: { key: "incoming/a.csv" } };

const entered = (name: string): Partial<HistoryEvent> => ({ stateEnteredEventDetails: { name } });

const exited = (name: string, assigned: object, truncated = false): Partial<HistoryEvent> => ({
  stateExitedEventDetails: {
    name,
    assignedVariables: Object.fromEntries(Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)])),
    assignedVariablesDetails: { truncated },
  },
});

const told = (...pages: readonly (readonly Partial<HistoryEvent>[])[]): Executions => ({
  getExecutionHistory: ({ nextToken = "0" }) => {
    const page = Number(nextToken);
    return Promise.resolve({
      events: [...(pages[page] ?? [])] as HistoryEvent[],
      ...(page + 1 < pages.length && { nextToken: String(page + 1) }),
    });
  },
});

describe("The replay of an interrupted execution", () => {
  it("goes on from the last stage that was entered, with the results before it", async () => {
    const history = told(
      [exited("Validate", { origin: "a-csv-1", clean: null }), entered("Clean StartJobRun")],
      [
        exited("Clean CheckJobRun", { clean: { output: { prefix: "clean/" } }, clean_attempt: 1 }),
        entered("Report"),
        entered("Clean more or less StartJobRun"),
      ],
    );
    expect(await replayOf(history, execution, input, plan)).to.deep.equal({
      ...input,
      resume: { from: "Report", executionName: "a-csv-1", results: { clean: { output: { prefix: "clean/" } } } },
    });
  });

  it("tells stages apart whose names begin alike", async () => {
    const history = told([entered("Clean StartJobRun"), entered("Clean more GetJobRun")]);
    expect(await replayOf(history, execution, input, plan)).to.have.nested.property("resume.from", "Clean more");
  });

  it("keeps to the folders of the first execution, when a replay is interrupted", async () => {
    const history = told([exited("Validate", { origin: "first" }), entered("Report")]);
    const resumed = { ...input, resume: { from: "Clean more", executionName: "first", results: {} } };
    expect(await replayOf(history, execution, resumed, plan)).to.deep.equal({
      ...input,
      resume: { from: "Report", executionName: "first", results: {} },
    });
  });

  it("begins at the beginning where no stage was reached, or results are too long to be carried over", async () => {
    expect(await replayOf(told([entered("Validate")]), execution, input, plan)).to.deep.equal(input);
    const long = told([exited("Clean CheckJobRun", { clean: "x".repeat(30_001) }), entered("Report")]);
    expect(await replayOf(long, execution, input, plan)).to.deep.equal(input);
  });

  it("leaves out a result that the history has cut off", async () => {
    const cut = told([exited("Clean CheckJobRun", { clean: "x" }, true), entered("Report")]);
    expect(await replayOf(cut, execution, input, plan)).to.have.deep.nested.property("resume.results", {});
  });
});
