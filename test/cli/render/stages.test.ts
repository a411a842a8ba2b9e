import { expect } from "chai";
import { LiveView } from "../../../cli/render/live-view.ts";
import { Screen } from "../../../cli/render/screen.ts";
import { unpainted } from "../../../cli/render/style.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { ARN, created, ended, History, jobRun, started, upload } from "../../support/cli-events.ts";

/** What is written of one file while these events come in. */
const shown = (events: readonly CloudEvent[], isTerminal = false): string => {
  let text = "";
  const ledger = new Ledger([upload()]);
  const screen = new Screen((more) => (text += more), isTerminal);
  const stages = ["Clean", "Profile", "Send"];
  const view = new LiveView({ ledger, screen, columns: 100, paint: unpainted, now: () => 0, stages });
  for (const event of events) view.show(event, 0, ledger.observe(event, 0));
  return text;
};

const lines = (events: readonly CloudEvent[]): readonly string[] =>
  shown(events)
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice(11));

const run = (stage: string, id: string, more: Parameters<typeof jobRun>[0] = {}, progress?: number): CloudEvent =>
  jobRun({ Id: id, Arguments: { "--stage": stage, "--execution_name": "orders-1" }, ...more }, progress);

const ending = (stage: string, id: string, JobRunState: "SUCCEEDED" | "FAILED", ErrorMessage?: string): CloudEvent =>
  run(stage, id, {
    JobRunState,
    CompletedOn: new Date(0),
    ExecutionTime: 12,
    ...(ErrorMessage !== undefined && { ErrorMessage }),
  });

const start = (history: History, stage: string, JobRunId: string): readonly CloudEvent[] => [
  history.add("TaskStateEntered", { name: `${stage} StartJobRun` }),
  history.add("TaskScheduled"),
  history.add("TaskSucceeded", { output: { JobRunId } }),
];

describe("LiveView of a pipeline with stages", () => {
  it("names the stage of each line, and counts the attempts of each stage", () => {
    const history = new History();
    const events = [
      created(),
      started(),
      history.add("ChoiceStateEntered", { name: "Validate" }),
      history.add("ChoiceStateExited", { name: "Validate" }),
      ...start(history, "Clean", "jr_1"),
      history.add("WaitStateEntered", { name: "Clean WaitForJobRun" }),
      history.add("WaitStateExited", { name: "Clean WaitForJobRun" }),
      run("Clean", "jr_1", { JobRunState: "RUNNING" }, 0.5),
      ending("Clean", "jr_1", "FAILED", "no memory"),
      history.add("ChoiceStateEntered", { name: "Clean CheckJobRun" }),
      history.add("ChoiceStateExited", { name: "Clean CheckJobRun" }),
      history.add("WaitStateEntered", { name: "Clean BackOff" }, 0),
      history.add("WaitStateExited", { name: "Clean BackOff" }, 30_000),
      ...start(history, "Clean", "jr_2"),
      ending("Clean", "jr_2", "SUCCEEDED"),
      history.add("ChoiceStateEntered", { name: "Big" }),
      history.add("ChoiceStateExited", { name: "Big" }),
      ...start(history, "Profile", "jr_3"),
      ending("Profile", "jr_3", "SUCCEEDED"),
      history.add("WaitStateEntered", { name: "Cool down" }, 0),
      history.add("WaitStateExited", { name: "Cool down" }, 10_000),
      ended(),
    ];
    expect(lines(events)).to.deep.equal([
      "execution     orders-1",
      "Validate      → Clean",
      "Clean         StartJobRun  jr_1",
      "Clean         RUNNING      █████░░░░░  50 %",
      "Clean         FAILED       attempt 1, ran 12.0 s: no memory",
      "Clean         BackOff      waited 30.0 s",
      "Clean         StartJobRun  jr_2, attempt 2",
      "Clean         SUCCEEDED    attempt 2, ran 12.0 s",
      "Big           → Profile",
      "Profile       StartJobRun  jr_3",
      "Profile       SUCCEEDED    attempt 1, ran 12.0 s",
      "Cool down     waited 10.0 s",
      "succeeded     execution SUCCEEDED",
    ]);
  });

  it("shares the line that is rewritten among runs at the same time", () => {
    const text = shown(
      [
        created(),
        started(),
        run("Clean", "jr_1", { JobRunState: "RUNNING" }, 0.5),
        run("Profile", "jr_2", { JobRunState: "RUNNING" }, 0.25),
      ],
      true,
    );
    expect(text.split("\u001b[K").at(-1)).to.equal("  RUNNING  Clean 50 % · Profile 25 %");
  });

  it("says which stage wrote an object, and which one failed", () => {
    const key = "clean/execution=orders-1/part.parquet";
    const report = { outcome: "failed", stage: "Profile", executionName: "orders-1" };
    const writing = run("Clean", "jr_1", {
      JobRunState: "SUCCEEDED",
      CompletedOn: new Date(0),
      Arguments: {
        "--stage": "Clean",
        "--execution_name": "orders-1",
        "--output": "s3://out/clean/execution=orders-1/",
      },
    });
    const events = [
      created(),
      started(),
      writing,
      { kind: "object-created", bucket: "out", key, versionId: "", size: 5 } as const,
      { kind: "message-sent", queue: "q/failures", body: JSON.stringify(report) } as const,
      ended({ status: "FAILED", error: "JobRun.FAILED", cause: "no memory" }),
    ];
    expect(lines(events).slice(2)).to.deep.equal([
      "Clean         wrote        part.parquet, 5 B",
      "queued        in failures",
      "failed        in Profile: JobRun.FAILED: no memory",
    ]);
  });

  it("sums up the iterations of a map, whatever they do", () => {
    const history = new History();
    const events: CloudEvent[] = [
      created(),
      started(),
      history.add("MapStateEntered", { name: "Send" }),
      history.add("MapStateStarted", { length: 3 }),
    ];
    for (const [index, type] of ["Succeeded", "Failed", "Succeeded"].entries()) {
      events.push(
        history.add("MapIterationStarted", { name: "Send", index }),
        ...start(history, "Clean", `jr_${index}`),
        run("Clean", `jr_${index}`, { JobRunState: "RUNNING" }, 0.5),
        history.add(`MapIteration${type}`, { name: "Send", index }),
      );
    }
    events.push(history.add("MapStateExited", { name: "Send" }), ...start(history, "Profile", "jr_9"), ended());
    expect(lines(events)).to.deep.equal([
      "execution     orders-1",
      "Send          3 items",
      "Send          3 items, 1 failed",
      "Profile       StartJobRun  jr_9",
      "succeeded     execution SUCCEEDED",
    ]);
  });

  it("sums up ten thousand children of a distributed map, and keeps none of them", () => {
    const history = new History();
    const ledger = new Ledger([upload()]);
    let text = "";
    const screen = new Screen((more) => (text += more), false);
    const view = new LiveView({ ledger, screen, columns: 100, paint: unpainted, now: () => 0 });
    const tell = (event: CloudEvent, at = 0): void => {
      view.show(event, at, ledger.observe(event, at));
    };
    for (const event of [
      created(),
      started(),
      history.add("MapStateEntered", { name: "Send all" }),
      history.add("MapStateStarted", { length: 10_000 }),
    ])
      tell(event);
    for (let index = 0; index < 10_000; index++) {
      const executionArn = `arn:aws:states:us-east-1:000000000000:express:csv/Sendall:child-${index}`;
      tell({ kind: "execution-started", executionArn, name: `child-${index}`, input: index, parentArn: ARN });
      const fails = index % 1000 === 0;
      const end = fails
        ? ({ status: "FAILED", error: "E", cause: "bad" } as const)
        : ({ status: "SUCCEEDED" } as const);
      tell({ kind: "execution-ended", executionArn, name: `child-${index}`, ...end }, 100);
    }
    tell(history.add("MapRunSucceeded"));
    tell(history.add("MapStateExited", { name: "Send all" }));
    tell(ended());
    expect(text.split("\n").map((line) => line.slice(11))).to.deep.equal([
      "execution     orders-1",
      "Send all      10,000 items",
      "Send all      an item failed: E: bad",
      "Send all      an item failed: E: bad",
      "Send all      an item failed: E: bad",
      "Send all      10,000 items, 10 failed",
      "succeeded     execution SUCCEEDED",
      "",
    ]);
    expect(ledger.executions).to.have.lengthOf(1);
    const [group] = ledger.executions[0]?.children.values() ?? [];
    expect(group).to.deep.include({ started: 10_000, succeeded: 9_990, failed: 10 });
    expect(group?.expressDurations).to.have.lengthOf(10_000);
  });
});
