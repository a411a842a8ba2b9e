import { expect } from "chai";
import { statusLines } from "../../../cli/deployed/status-lines.ts";
import {
  endedFile,
  runningFile,
  StateSearch,
  type ExecutionState,
  type StatusReport,
} from "../../../cli/deployed/status-report.ts";
import { unpainted } from "../../../cli/render/style.ts";
import { recorded } from "./recorded.ts";

/** What is found of a recorded execution that has come no further than this event. */
const stateAt = (name: "succeeded" | "failed", lastId: number): ExecutionState => {
  const search = new StateSearch();
  for (const event of recorded(name)
    .events.filter(({ id = 0 }) => id <= lastId)
    .toReversed()) {
    if (search.take(event) !== undefined) break;
  }
  return search.found;
};

describe("StateSearch", () => {
  it("finds the state that an execution is in, and what was last seen of its job run", () => {
    const Id = "jr_f065bdc73505e4b7dcdcd90a104bab3f28b67c6dfd81ffa3dc0a62f396bf80cb";
    expect(stateAt("succeeded", 2)).to.deep.equal({ state: "Validate" });
    expect(stateAt("succeeded", 8)).to.deep.equal({ state: "WaitForJobRun", jobRun: { Id } });
    expect(stateAt("succeeded", 17)).to.deep.equal({ state: "WaitForJobRun", jobRun: { Id, JobRunState: "RUNNING" } });
    expect(stateAt("succeeded", 32)).to.deep.equal({
      state: "NotifySucceeded",
      jobRun: { Id, JobRunState: "SUCCEEDED" },
    });
  });

  it("finds the run that was started last", () => {
    expect(stateAt("failed", 32)).to.deep.include({ state: "BackOff" });
    expect(stateAt("failed", 32).jobRun?.JobRunState).to.equal("FAILED");
    expect(stateAt("failed", 38).jobRun).to.have.all.keys("Id");
  });

  it("reads the events that AWS writes for functions", () => {
    const search = new StateSearch();
    search.take({
      id: 2,
      timestamp: undefined,
      type: "LambdaFunctionSucceeded",
      lambdaFunctionSucceededEventDetails: { output: '{"JobRun":{"Id":"jr_1","JobRunState":"RUNNING"}}' },
    });
    expect(search.found).to.deep.equal({ jobRun: { Id: "jr_1", JobRunState: "RUNNING" } });
  });
});

describe("endedFile", () => {
  it("tells what came of each recorded execution", () => {
    expect(endedFile(recorded("succeeded").description, '{"rowsWritten":100,"rowsRejected":1}')).to.deep.include({
      key: "incoming/orders 1.csv",
      outcome: "succeeded",
      attempts: 1,
      rowsWritten: 100,
      rowsRejected: 1,
      startDate: "2026-11-21T12:22:27.950Z",
    });
    expect(endedFile(recorded("rejected").description, undefined)).to.include({
      status: "SUCCEEDED",
      outcome: "rejected",
      reason: "its name must end in .csv",
    });
    const failed = endedFile(recorded("failed").description, undefined);
    expect(failed).to.include({ status: "FAILED", outcome: "failed" });
    expect(failed.reason).to.match(/^JobRun\.FAILED: .*is never closed$/);
  });

  it("does with what there is of an execution that somebody started and stopped by hand", () => {
    const file = endedFile(
      { name: "mine", status: "ABORTED", input: "{}", executionArn: "e", stateMachineArn: "s", startDate: new Date(0) },
      undefined,
    );
    expect(file).to.include({ executionName: "mine", outcome: "failed", reason: "ABORTED" });
    expect(file).not.to.have.any.keys("bucket", "key", "rowsWritten");
  });
});

describe("statusLines", () => {
  const now = Date.UTC(2026, 10, 21, 12, 30);
  const lines = (report: Partial<StatusReport>): readonly string[] =>
    statusLines(
      {
        stack: "local",
        mode: "simulated",
        runningCount: report.running?.length ?? 0,
        running: [],
        ended: [],
        failed: [],
        failureQueue: { visible: 0, inFlight: 0, undispatched: [] },
        ...report,
      },
      { columns: 120, paint: unpainted, now },
    );

  it("says of an idle stack that there is nothing", () => {
    expect(lines({})).to.deep.equal(["Running: nothing", "", "Last ended: nothing", "", "Failure queue: 0 messages"]);
  });

  it("shows what runs, what ended, what failed and why, and what waits for a person", () => {
    const { description } = recorded("succeeded");
    const failed = endedFile(recorded("failed").description, undefined);
    expect(
      lines({
        runningCount: 12,
        running: [runningFile(description, stateAt("succeeded", 17))],
        ended: [endedFile(description, '{"rowsWritten":1000,"rowsRejected":1}'), failed],
        failed: [{ ...failed, reason: "JobRun.FAILED: no memory" }],
        failureQueue: {
          visible: 3,
          inFlight: 1,
          oldest: "2026-11-21T12:00:00.000Z",
          undispatched: [{ bucket: "b", key: "incoming/c.csv", functionName: "dispatcher", reason: "E: m" }],
        },
      }),
    ).to.deep.equal([
      "Running, the newest of 12",
      "  file                   state          job run                       age",
      "  incoming/orders 1.csv  WaitForJobRun  jr_f065bdc7…  RUNNING  7 min 32 s",
      "",
      "Last ended",
      "  file                   outcome      time                rows           ended",
      "  incoming/orders 1.csv  succeeded   7.3 s  1,000 (1 rejected)  7 min 24 s ago",
      "  incoming/broken.csv    failed     35.4 s                   –  6 min 56 s ago",
      "",
      "Last failed",
      "  incoming/broken.csv  6 min 56 s ago  JobRun.FAILED: no memory",
      `    execution ${failed.executionName}`,
      "",
      "Failure queue: 3 messages, 1 more in flight, the oldest seen is from 30 min 0 s ago",
      "  b/incoming/c.csv has no execution: dispatcher failed with E: m",
    ]);
  });

  it("says why a file was rejected", () => {
    const rejected = { ...endedFile(recorded("rejected").description, undefined), key: "incoming/a.txt" };
    expect(lines({ ended: [rejected] }).slice(-5)).to.deep.equal([
      "Last rejected",
      "  incoming/a.txt  7 min 31 s ago  its name must end in .csv",
      `    execution ${rejected.executionName}`,
      "",
      "Failure queue: 0 messages",
    ]);
  });
});
