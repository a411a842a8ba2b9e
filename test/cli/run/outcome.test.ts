import { expect } from "chai";
import { describeError, verdictOn, type Verdict } from "../../../cli/run/outcome.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { created, ended, invoked, ledgerOf, started, upload } from "../../support/cli-events.ts";

const verdict = (...events: CloudEvent[]): Verdict | undefined => {
  const [file] = ledgerOf([upload()], events).files;
  return file === undefined ? undefined : verdictOn(file);
};

describe("verdictOn", () => {
  it("goes by the execution's own outcome", () => {
    expect(verdict(started(), ended())).to.deep.equal({ outcome: "succeeded" });
    expect(verdict(started(), ended({ output: { outcome: "rejected", reason: "it is empty" } }))).to.deep.equal({
      outcome: "rejected",
      reason: "it is empty",
    });
  });

  it("gives error and cause of a failed execution", () => {
    expect(verdict(started(), ended({ status: "FAILED", error: "JobRun.TIMEOUT", cause: "too long" }))).to.deep.equal({
      outcome: "failed",
      reason: "JobRun.TIMEOUT: too long",
    });
    expect(verdict(started(), ended({ status: "TIMED_OUT" }))).to.deep.equal({
      outcome: "failed",
      reason: "TIMED_OUT",
    });
  });

  it("takes an execution whose end was not waited for neither for a success nor for a failure", () => {
    expect(verdict(started())).to.deep.equal({ outcome: "running", reason: "its execution has not ended" });
  });

  it("blames the dispatcher, or nobody, where no execution was started", () => {
    const failed = {
      kind: "function-failed",
      functionName: "dispatcher",
      requestId: "r1",
      error: "E",
      message: "m",
    } as const;
    expect(verdict(created(), invoked(), failed)).to.deep.equal({
      outcome: "failed",
      reason: "dispatcher failed with E: m",
    });
    expect(verdict(created())).to.deep.equal({ outcome: "failed", reason: "no execution was started for it" });
  });

  it("tells an ignored file and why", () => {
    const ignored = {
      kind: "object-ignored",
      bucket: "landing",
      key: "incoming/orders.csv",
      reason: "no rule",
    } as const;
    expect(verdict(created(), ignored)).to.deep.equal({ outcome: "ignored", reason: "no rule" });
  });
});

describe("describeError", () => {
  it("takes the message out of a cause that is JSON", () => {
    expect(describeError("Error", '{"errorType":"Error","errorMessage":"broken","trace":[]}')).to.equal(
      "Error: broken",
    );
    expect(describeError("States.TaskFailed", '{"Id":"jr_1","ErrorMessage":"no memory"}')).to.equal(
      "States.TaskFailed: no memory",
    );
  });

  it("keeps the first line of any other cause", () => {
    expect(describeError("E", "one\ntwo")).to.equal("E: one");
    expect(describeError("E", undefined)).to.equal("E");
  });
});
