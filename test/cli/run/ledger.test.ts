import { expect } from "chai";
import { Ledger } from "../../../cli/run/ledger.ts";
import {
  ARN,
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

describe("Ledger", () => {
  it("knows which file an event is about", () => {
    const ledger = new Ledger([upload("a.csv"), upload("b c.csv")]);
    const [a, b] = ledger.files;
    const about = (...events: Parameters<Ledger["observe"]>[0][]): unknown[] =>
      events.map((event) => ledger.observe(event, 0));
    expect(about(created("a.csv"), invoked("incoming/b c.csv"))).to.deep.equal([a, b]);
    expect(about(started("incoming/b c.csv", "b-1"), ended({}, "b-1"))).to.deep.equal([b, b]);
    expect(
      about({ kind: "function-failed", functionName: "dispatcher", requestId: "r1", error: "E", message: "m" }),
    ).to.deep.equal([b]);
    expect(b?.functionFailures).to.have.lengthOf(1);
  });

  it("finds the file of a message by its execution's name or its object", () => {
    const ledger = ledgerOf([upload()], [started()]);
    const [file] = ledger.files;
    const send = (message: string): unknown => ledger.observe({ kind: "notification", topic: "t", message }, 5);
    expect(send('{"executionName":"orders-1"}')).to.equal(file);
    expect(send('{"file":{"bucket":"landing","key":"incoming/orders.csv"}}')).to.equal(file);
    expect(send("orders-1 is done")).to.equal(file);
    expect(send("something else")).to.equal(undefined);
    expect(ledger.notifications.map(({ at }) => at)).to.deep.equal([5, 5, 5, 5]);
    expect(ledger.observe({ kind: "message-sent", queue: "q", body: "orders-1" }, 0)).to.equal(file);
  });

  it("ties job runs to the execution that started them", () => {
    const history = new History();
    const ledger = ledgerOf(
      [upload()],
      [
        started(),
        history.add("TaskStateEntered", { name: "StartJobRun" }),
        history.add("TaskSucceeded", { output: JSON.stringify({ JobRunId: RUN_ID }) }),
        jobRun({ JobRunState: "RUNNING" }),
        jobRun({ JobRunState: "SUCCEEDED" }),
      ],
    );
    expect([...(ledger.executions[0]?.jobRuns ?? [])]).to.deep.equal([
      [RUN_ID, { Id: RUN_ID, JobName: "process-csv", JobRunState: "SUCCEEDED" }],
    ]);
  });

  it("ties a job run that nobody announced to the execution named in its arguments", () => {
    const ledger = ledgerOf(
      [upload()],
      [started(), jobRun({ Arguments: { "--execution_name": "orders-1" } }), jobRun({})],
    );
    expect(ledger.executions[0]?.jobRuns.size).to.equal(1);
  });

  it("counts each state entered and each further try of a task as a transition", () => {
    const history = new History();
    const ledger = ledgerOf(
      [upload()],
      [
        started(),
        history.add("ChoiceStateEntered", { name: "Validate" }),
        history.add("TaskStateEntered", { name: "Start" }),
        history.add("LambdaFunctionScheduled"),
        history.add("LambdaFunctionFailed"),
        history.add("LambdaFunctionScheduled"),
        history.add("LambdaFunctionSucceeded"),
        history.add("SucceedStateEntered", { name: "Done" }),
      ],
    );
    expect(ledger.executions[0]?.transitions).to.equal(4);
  });

  it("keeps how an execution ended", () => {
    const ledger = ledgerOf([upload()], [created(), started(), ended({ status: "FAILED", error: "E", cause: "c" })]);
    expect(ledger.executions[0]).to.deep.include({
      arn: ARN,
      status: "FAILED",
      startDate: 1000,
      stopDate: 2000,
      error: "E",
      cause: "c",
    });
    expect(ledger.files[0]).to.deep.include({ uploadedAt: 0, execution: ledger.executions[0] });
  });

  it("passes over events of executions it has not seen", () => {
    const ledger = ledgerOf([upload()], []);
    expect(ledger.observe(new History().add("TaskStateEntered"), 0)).to.equal(undefined);
    expect(ledger.observe(ended(), 0)).to.equal(undefined);
    expect(ledger.observe(jobRun({ Id: undefined }), 0)).to.equal(undefined);
  });

  it("remembers why an object was ignored, and whose output an object is", () => {
    const ledger = ledgerOf([upload()], [started()]);
    const [file] = ledger.files;
    ledger.observe({ kind: "object-ignored", bucket: "landing", key: "incoming/orders.csv", reason: "no rule" }, 0);
    expect(file?.ignored).to.equal("no rule");
    const output = {
      kind: "object-created",
      bucket: "out",
      key: "processed/execution=orders-1/p",
      versionId: "",
      size: 1,
    } as const;
    expect(ledger.observe(output, 0)).to.equal(file);
  });

  it("takes a key that is not properly encoded as it is", () => {
    const ledger = new Ledger([{ ...upload(), key: "100%" }]);
    const payload = { Records: [{ s3: { bucket: { name: "landing" }, object: { key: "100%" } } }] };
    expect(ledger.observe({ kind: "function-invoked", functionName: "f", requestId: "r", payload }, 0)).to.equal(
      ledger.files[0],
    );
  });
});

describe("Ledger of many executions", () => {
  const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:walk";
  const arnOf = (name: string, of = "walk"): string => `arn:aws:states:us-east-1:000000000000:execution:${of}:${name}`;

  it("follows an execution that was started without a file", () => {
    const ledger = new Ledger([], [{ stateMachineArn: machine, name: "walk-1", input: {} }]);
    const [start] = ledger.starts;
    const begin = { kind: "execution-started", executionArn: arnOf("walk-1"), name: "walk-1", input: {} } as const;
    expect(ledger.observe(begin, 5)).to.equal(start);
    expect(start?.execution).to.include({ name: "walk-1", startDate: 5 });
    const other = { ...begin, executionArn: arnOf("walk-1", "other") };
    expect(ledger.observe(other, 5)).to.equal(undefined);
  });

  it("keeps the file's own execution where that starts another machine with the same file", () => {
    const ledger = ledgerOf([upload()], [started()]);
    const nested = { ...started(), executionArn: arnOf("inner", "nested"), name: "inner" } as ReturnType<
      typeof started
    >;
    expect(ledger.observe(nested, 0)).to.equal(undefined);
    expect(ledger.files[0]?.execution?.name).to.equal("orders-1");
    expect(ledger.executions.map(({ name }) => name)).to.deep.equal(["orders-1", "inner"]);
  });

  it("sums up those that nobody follows, beyond the first hundred", () => {
    const ledger = new Ledger([]);
    for (let index = 0; index < 10_000; index++) {
      const name = `n-${index}`;
      const executionArn = arnOf(name);
      ledger.observe({ kind: "execution-started", executionArn, name, input: {} }, 0);
      const event = { id: 1, previousEventId: 0, timestamp: 0, type: "PassStateEntered", details: { name: "Pass" } };
      ledger.observe({ kind: "history", executionArn, event }, 0);
      ledger.observe(jobRun({ Id: `jr_${index}`, Arguments: { "--execution_name": name } }), 0);
      ledger.observe({ kind: "execution-ended", executionArn, name, status: index % 2 ? "SUCCEEDED" : "FAILED" }, 1);
    }
    expect(ledger.executions).to.have.lengthOf(100);
    expect(ledger.others).to.deep.include({ started: 9_900, succeeded: 4_950, failed: 4_950, transitions: 9_900 });
    expect(ledger.others.jobRuns).to.have.lengthOf(9_900);
  });

  it("knows the failed stage from what the execution reports", () => {
    const failure = { outcome: "failed", stage: "Clean", executionName: "orders-1" };
    const ledger = ledgerOf(
      [upload()],
      [
        started(),
        { kind: "notification", topic: "t", message: JSON.stringify({ ...failure, outcome: "succeeded", stage: "X" }) },
        { kind: "message-sent", queue: "q", body: JSON.stringify(failure) },
      ],
    );
    expect(ledger.executions[0]?.failedStage).to.equal("Clean");
    expect([...ledger.messages]).to.deep.equal([["q", 1]]);
  });
});
