import { expect } from "chai";
import { Background } from "../../../cli/render/background.ts";
import type { CloudEvent } from "../../../local/events.ts";

const run = (JobRunState: "STARTING" | "RUNNING" | "FAILED" | "SUCCEEDED", ErrorMessage?: string): CloudEvent => ({
  kind: "job-run",
  run: { Id: "jr_1", JobName: "enrich", JobRunState, ...(ErrorMessage !== undefined && { ErrorMessage }) },
});

const log = (entry: Readonly<Record<string, unknown>>): CloudEvent => ({
  kind: "function-log",
  functionName: "f",
  requestId: "r",
  entry,
});

describe("What is shown of work in the background", () => {
  it("is a run's state when it changes, and why it failed", () => {
    const background = new Background();
    const told = [run("RUNNING"), run("RUNNING"), run("FAILED", "poisoned"), run("FAILED", "poisoned")].map((event) =>
      background.tell(event),
    );
    expect(told.map((step) => step && `${step.label} ${step.text} ${step.tone}`)).to.deep.equal([
      "RUNNING enrich active",
      undefined,
      "FAILED enrich: poisoned bad",
      undefined,
    ]);
  });

  it("is what a function asks to be shown, and nothing else of its log", () => {
    const background = new Background();
    expect(background.tell(log({ message: "batch", shown: { label: "enrich", text: "batch 0" } }))).to.deep.equal({
      label: "enrich",
      text: "batch 0",
      tone: "plain",
    });
    expect(background.tell(log({ message: "batch" }))).to.equal(undefined);
    expect(background.tell(log({ shown: { label: "enrich" } }))).to.equal(undefined);
    expect(background.tell({ kind: "message-sent", queue: "q", body: "b" })).to.equal(undefined);
  });
});
