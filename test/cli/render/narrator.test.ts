import { expect } from "chai";
import { LiveView } from "../../../cli/render/live-view.ts";
import { Screen } from "../../../cli/render/screen.ts";
import { unpainted } from "../../../cli/render/style.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import type { Upload } from "../../../cli/run/records.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { created, ended, History, invoked, jobRun, RUN_ID, started, upload } from "../../support/cli-events.ts";

interface Setting {
  readonly uploads?: readonly Upload[];
  readonly isTerminal?: boolean;
  readonly columns?: number;
}

/** What is written while these events come in, half a second apart. */
const shown = (
  events: readonly CloudEvent[],
  { uploads = [upload()], isTerminal = false, columns = 80 }: Setting = {},
): string => {
  let text = "";
  const screen = new Screen((more) => (text += more), isTerminal);
  const ledger = new Ledger(uploads);
  const view = new LiveView({ ledger, screen, columns, paint: unpainted, now: () => 0 });
  events.forEach((event, index) => {
    view.show(event, index * 500, ledger.observe(event, index * 500));
  });
  return text;
};

const lines = (events: readonly CloudEvent[], setting?: Setting): readonly string[] =>
  shown(events, setting).split("\n").slice(0, -1);

const task = (
  history: History,
  name: string,
  type: string,
  details: Readonly<Record<string, unknown>>,
): CloudEvent[] => [
  history.add("TaskStateEntered", { name }),
  history.add("TaskScheduled"),
  history.add(type, details),
];

/** A run whose task waits for its token. */
const toldOf = (): readonly CloudEvent[] => {
  const history = new History();
  return [
    created(),
    invoked(),
    started(),
    ...task(history, "StartJobRun", "TaskSubmitted", { output: { Payload: { JobRunId: RUN_ID } } }),
    history.add("TaskSucceeded", { output: { Id: RUN_ID, JobRunState: "SUCCEEDED" } }),
    history.add("TaskStateExited", { name: "StartJobRun" }),
    history.add("ChoiceStateEntered", { name: "CheckJobRun" }),
    history.add("ChoiceStateExited", { name: "CheckJobRun" }),
    history.add("TaskStateEntered", { name: "NotifySucceeded" }),
  ];
};

/** A run that is looked at twice and then looked at once more. */
const happyPath = (): readonly CloudEvent[] => {
  const history = new History();
  const look = (): CloudEvent[] => [
    history.add("WaitStateEntered", { name: "WaitForJobRun" }),
    history.add("WaitStateExited", { name: "WaitForJobRun" }),
    ...task(history, "GetJobRun", "TaskSucceeded", { output: { JobRun: { Id: RUN_ID } } }),
    history.add("TaskStateExited", { name: "GetJobRun" }),
    history.add("ChoiceStateEntered", { name: "CheckJobRun" }),
    history.add("ChoiceStateExited", { name: "CheckJobRun" }),
  ];
  return [
    created(),
    invoked(),
    started(),
    history.add("ChoiceStateEntered", { name: "Validate" }),
    history.add("ChoiceStateExited", { name: "Validate" }),
    ...task(history, "StartJobRun", "TaskSucceeded", { output: { JobRunId: RUN_ID } }),
    jobRun({ JobRunState: "STARTING" }),
    ...look(),
    jobRun({ JobRunState: "RUNNING" }, 0.25),
    jobRun({ JobRunState: "RUNNING" }, 0.689),
    ...look(),
    jobRun({ JobRunState: "SUCCEEDED", ExecutionTime: 12, CompletedOn: new Date(0) }),
    ...task(history, "Notify", "TaskSucceeded", { output: { MessageId: "m" } }),
    { kind: "notification", topic: "arn:aws:sns:::results", subject: "File succeeded", message: "orders-1" },
    {
      kind: "object-created",
      bucket: "out",
      key: "processed/execution=orders-1/part-0.parquet",
      versionId: "",
      size: 300_000,
    },
    ended(),
  ];
};

describe("LiveView", () => {
  it("tells of the run that a task waits for once, and of no decision of the job's own", () => {
    const told = lines(toldOf()).join("\n");
    expect(told.match(/StartJobRun +jr_/g)).to.have.length(1);
    expect(told).not.to.include("CheckJobRun");
  });

  it("tells the way of a file, polling left out", () => {
    expect(lines(happyPath())).to.deep.equal([
      "  00:00.5  S3 event      → dispatcher",
      "  00:01.0  execution     orders-1",
      "  00:02.5  Validate      → StartJobRun",
      "  00:03.5  StartJobRun   jr_9c1e02ab…",
      "  00:04.0  STARTING",
      "  00:08.5  RUNNING       ██░░░░░░░░  25 %",
      "  00:13.5  SUCCEEDED     attempt 1, ran 12.0 s",
      "  00:15.5  notified      File succeeded",
      "  00:16.0  wrote         part-0.parquet, 300 kB",
      "  00:16.5  succeeded     execution SUCCEEDED",
    ]);
  });

  it("tells of runs that their task waits for, once each, whoever runs them", () => {
    const history = new History();
    const ofExecution = { Arguments: { "--execution_name": "orders-1" }, CompletedOn: new Date(0) };
    const failed = { ...ofExecution, JobRunState: "FAILED", ErrorMessage: "no memory", Id: "jr_1" } as const;
    const cause = JSON.stringify({ errorType: "States.TaskFailed", errorMessage: JSON.stringify(failed) });
    const events = [
      created(),
      invoked(),
      started(),
      jobRun(failed),
      ...task(history, "StartJobRun", "LambdaFunctionFailed", { error: "States.TaskFailed", cause }),
      jobRun({ ...failed, Id: "jr_2" }),
      ...task(history, "StartJobRun", "TaskFailed", { error: "States.TaskFailed", cause: JSON.stringify(failed) }),
      jobRun({ ...ofExecution, JobRunState: "SUCCEEDED", ExecutionTime: 12 }),
      ...task(history, "StartJobRun", "TaskSucceeded", { output: { Id: RUN_ID, JobRunState: "SUCCEEDED" } }),
    ];
    expect(lines(events).slice(2)).to.deep.equal([
      "  00:01.5  FAILED        jr_1, attempt 1, ran 0.0 s: no memory",
      "  00:03.5  FAILED        jr_2, attempt 2, ran 0.0 s: no memory",
      "  00:05.5  SUCCEEDED     jr_9c1e02ab…, attempt 3, ran 12.0 s",
    ]);
  });

  it("rewrites one line with the run's progress on a terminal", () => {
    const text = shown(happyPath(), { isTerminal: true });
    expect(text).to.include(
      "  00:08.5  RUNNING       ██░░░░░░░░  25 %\r\u001b[K  00:09.0  RUNNING       ██████░░░░  68 %\r\u001b[K  00:13.5",
    );
  });

  it("tells what failed, the next try, and the reason in the end", () => {
    const history = new History();
    const events = [
      created(),
      started(),
      ...task(history, "StartJobRun", "TaskFailed", {
        error: "Glue.ConcurrentRunsExceededException",
        cause: "no slot is free",
      }),
      history.add("TaskScheduled"),
      history.add("TaskSucceeded", { output: { JobRunId: RUN_ID } }),
      jobRun({ JobRunState: "FAILED", ExecutionTime: 3, CompletedOn: new Date(0), ErrorMessage: "no memory" }),
      history.add("ChoiceStateEntered", { name: "CheckJobRun" }),
      history.add("ChoiceStateExited", { name: "CheckJobRun" }),
      history.add("WaitStateEntered", { name: "BackOff" }, 15_000),
      history.add("WaitStateExited", { name: "BackOff" }, 45_000),
      ...task(history, "StartJobRun", "TaskSucceeded", { output: { JobRunId: `${RUN_ID}_attempt_1` } }),
      ended({ status: "FAILED", error: "JobRun.FAILED", cause: "no memory" }),
    ];
    expect(lines(events).map((line) => line.slice(11))).to.deep.equal([
      "execution     orders-1",
      "StartJobRun   Glue.ConcurrentRunsExceededException: no slot is free",
      "StartJobRun   try 2",
      "StartJobRun   jr_9c1e02ab…",
      "FAILED        attempt 1, ran 3.0 s: no memory",
      "BackOff       waited 30.0 s",
      "StartJobRun   jr_9c1e02ab…_attempt_1, attempt 2",
      "failed        JobRun.FAILED: no memory",
    ]);
  });

  it("tells of maps, branches, other tasks and queues", () => {
    const history = new History();
    const events = [
      started(),
      history.add("MapStateEntered", { name: "Each" }),
      history.add("MapStateStarted", { length: 1200 }),
      history.add("ParallelStateEntered", { name: "Both" }),
      history.add("ParallelStateStarted"),
      ...task(history, "Store", "TaskSucceeded", { output: {} }),
      { kind: "message-sent", queue: "https://sqs/1/failures", body: "orders-1" } as const,
      jobRun({ Arguments: { "--execution_name": "orders-1" }, JobRunState: "WAITING", StateDetail: "queued" }),
    ];
    expect(lines(events).map((line) => line.slice(11))).to.deep.equal([
      "execution     orders-1",
      "Each          1,200 items",
      "Both          branches begin",
      "Store         done",
      "queued        in failures",
      "WAITING       queued",
    ]);
  });

  it("tells of a dispatcher that fails, and of a file nobody asked for", () => {
    const failed = {
      kind: "function-failed",
      functionName: "dispatcher",
      requestId: "r1",
      error: "E",
      message: "m",
    } as const;
    const log = { kind: "function-log", functionName: "dispatcher", requestId: "r1", entry: {} } as const;
    const ignored = {
      kind: "object-ignored",
      bucket: "landing",
      key: "incoming/orders.csv",
      reason: "no rule",
    } as const;
    expect(lines([created(), invoked(), log, failed, invoked(), ignored]).map((line) => line.slice(11))).to.deep.equal([
      "S3 event      → dispatcher",
      "S3 event      dispatcher failed with E: m",
      "S3 event      → dispatcher, try 2",
      "ignored       no rule",
    ]);
  });

  it("leaves to the history what it tells of functions", () => {
    const call = {
      kind: "function-invoked",
      functionName: "start",
      requestId: "r9",
      payload: { Arguments: { "--bucket": "landing", "--key": "incoming/orders.csv" } },
    } as const;
    const failed = {
      kind: "function-failed",
      functionName: "start",
      requestId: "r9",
      error: "E",
      message: "m",
    } as const;
    expect(lines([started(), call, failed])).to.have.lengthOf(1);
  });

  it("says on a terminal that it waits, for as long as it does", () => {
    const history = new History();
    const events = [
      started(),
      history.add("ChoiceStateEntered", { name: "CheckJobRun" }),
      history.add("ChoiceStateExited", { name: "CheckJobRun" }),
      history.add("WaitStateEntered", { name: "BackOff" }, 1000),
    ];
    expect(shown(events, { isTerminal: true })).to.match(/BackOff {7}waits$/);
    expect(lines(events)).to.have.lengthOf(1);
  });

  it("says on a terminal how long it has been busy when the clock stands still", () => {
    let text = "";
    let now = 0;
    const ledger = new Ledger([upload()]);
    const screen = new Screen((more) => (text += more), true);
    const view = new LiveView({ ledger, screen, columns: 80, paint: unpainted, now: () => now });
    const progress = jobRun({ Arguments: { "--execution_name": "orders-1" }, JobRunState: "RUNNING" }, 0.5);
    for (const event of [created(), started(), progress]) view.show(event, 0, ledger.observe(event, 0));
    now = 900;
    view.tick();
    expect(text).not.to.include("busy");
    now = 3_200;
    view.tick();
    expect(text).to.match(/\r\S+ {2}00:00.0 {2}RUNNING {7}█████░░░░░ {2}50 % {2}busy for 3 s$/);
    now = 4_000;
    view.tick();
    expect(text).to.match(/ 50 % {2}busy for 4 s$/);
    view.show(ended(), 0, ledger.observe(ended(), 0));
    view.tick();
    expect(text).to.match(/execution SUCCEEDED\n$/);
  });

  it("leaves out the bar where there is no room for it", () => {
    const progress = jobRun({ Arguments: { "--execution_name": "orders-1" }, JobRunState: "RUNNING" }, 0.5);
    expect(lines([started(), progress], { columns: 30 }).at(-1)).to.equal("  00:00.0  RUNNING       50 %");
  });

  it("tells files of one name apart", () => {
    const uploads = [upload("d1/x.csv"), upload("d2/x.csv"), upload("y.csv")];
    const events = [started("incoming/d1/x.csv"), started("incoming/d2/x.csv", "orders-2"), started("incoming/y.csv")];
    expect(lines(events, { uploads }).map((line) => line.slice(2, 10))).to.deep.equal([
      "d1/x.csv",
      "d2/x.csv",
      "y.csv   ",
    ]);
  });

  it("says whose line it is when there are several files", () => {
    const uploads = [upload("a.csv"), upload("orders.csv")];
    expect(lines([created("a.csv"), started("incoming/a.csv"), ended()], { uploads })).to.deep.equal([
      "  a.csv       00:00.5  execution     orders-1",
      "  a.csv       00:01.0  succeeded     execution SUCCEEDED",
    ]);
  });

  it("shows of fifty files only how each one ended, and how many have", () => {
    const uploads = Array.from({ length: 50 }, (_, index) => upload(`f${index}.csv`));
    const events = [created("f7.csv"), started("incoming/f7.csv"), jobRun({ JobRunState: "RUNNING" }, 0.5), ended()];
    expect(lines(events, { uploads })).to.deep.equal(["  f7.csv   00:01.5  succeeded     execution SUCCEEDED"]);
    expect(shown(events, { uploads, isTerminal: true })).to.match(/ {2}1 of 50 files ended$/);
  });

  it("cuts long lines to the terminal, but never a reason at the end", () => {
    const cause = "x".repeat(200);
    const history = new History();
    const failing = task(history, "Start", "TaskFailed", { error: "E", cause });
    const [, cut = "", last = ""] = lines([started(), ...failing, ended({ status: "FAILED", error: "E", cause })]);
    expect(cut).to.have.lengthOf(80).and.to.match(/x…$/);
    expect(last).to.include(cause);
  });
});
