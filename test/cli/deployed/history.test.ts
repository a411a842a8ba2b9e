import type { HistoryEvent as ApiEvent } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { HistoryReader, jobRunIn } from "../../../cli/deployed/history.ts";
import { LiveView } from "../../../cli/render/live-view.ts";
import { Screen } from "../../../cli/render/screen.ts";
import { unpainted } from "../../../cli/render/style.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import type { CloudEvent } from "../../../local/events.ts";
import { toApiEvent } from "../../../local/states/history-api.ts";
import { runPipeline } from "../../support/pipeline.ts";
import { graphOf } from "../../support/stacks.ts";
import { recorded } from "./recorded.ts";

const names = { queue: "https://sqs/1/failures", topic: "arn:aws:sns:eu-central-1:1:results" };
const CSV = Buffer.from("id\n1\n");

/** The lines that a person sees of a recorded execution. */
const told = (name: "succeeded" | "rejected" | "failed", bucket: string, key: string): readonly string[] => {
  const { description, events } = recorded(name);
  const { executionArn = "", startDate, name: executionName = "", input } = description;
  const start = startDate?.getTime() ?? 0;
  const ledger = new Ledger([{ file: key, bucket, key, size: 1 }]);
  let text = "";
  const screen = new Screen((more) => (text += more), false);
  const view = new LiveView({ ledger, screen, columns: 120, paint: unpainted, now: () => 0 });
  const show = (event: CloudEvent, at: number): void => {
    view.show(event, at, ledger.observe(event, at));
  };
  show({ kind: "object-created", bucket, key, size: 1, versionId: "v" }, start);
  show({ kind: "execution-started", executionArn, name: executionName, input }, start);
  const reader = new HistoryReader({ executionArn, ...names });
  for (const { event, at } of events.flatMap((each) => reader.read(each))) show(event, at);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice(2));
};

describe("HistoryReader", () => {
  it("tells a recorded execution as npm start tells one of its own", () => {
    expect(told("succeeded", "csv-landing-f4cddd4", "incoming/orders 1.csv")).to.deep.equal([
      "00:00.0  execution     orders-1-csv-e45f7f95…",
      "00:00.1  Validate      → StartJobRun",
      "00:00.2  StartJobRun   jr_f065bdc7…",
      "00:02.5  RUNNING",
      "00:07.3  SUCCEEDED     attempt 1, ran 4.0 s",
      "00:07.3  notified      results",
    ]);
  });

  it("tells of a rejected file", () => {
    expect(told("rejected", "csv-landing-f4cddd4", "incoming/x.txt")).to.deep.equal([
      "00:00.0  execution     x-txt-49f4253c…",
      "00:00.1  Validate      → NotifyRejected",
      "00:00.1  notified      results",
    ]);
  });

  it("tells of each attempt, the waits between them, and the message in the queue", () => {
    const lines = told("failed", "csv-landing-f4cddd4", "incoming/broken.csv").map((line) => line.slice(9, 49));
    expect(lines.map((line) => line.replace(/jr_\w+…/, "jr").trimEnd())).to.deep.equal([
      "execution     broken-csv-c96ad578…",
      "Validate      → StartJobRun",
      "StartJobRun   jr",
      "RUNNING",
      "FAILED        attempt 1, ran 4.0 s: Runt",
      "BackOff       waited 5.0 s",
      "StartJobRun   jr, attempt 2",
      "RUNNING",
      "FAILED        attempt 2, ran 4.0 s: Runt",
      "BackOff       waited 10.0 s",
      "StartJobRun   jr, attempt 3",
      "RUNNING",
      "FAILED        attempt 3, ran 4.0 s: Runt",
      "queued        in failures",
      "notified      results",
    ]);
  });

  for (const mode of ["local", "prod"] as const) {
    it(`reads from the API's form of stack ${mode}'s history what the embedded cloud has told itself`, async () => {
      const graph = await graphOf(mode, { simulatedFailureRate: "0" });
      const { events } = await runPipeline(graph, [{ key: "incoming/a.csv", body: CSV }]);
      const histories = events.filter((event) => event.kind === "history");
      expect(histories).to.have.length.greaterThan(20);
      const machine = { arn: String(graph.outputs.stateMachineArn), roleArn: "" };
      const reader = new HistoryReader({ executionArn: histories[0]?.executionArn ?? "", ...names });
      const read = histories.flatMap(({ event }) => reader.read(toApiEvent(event, machine)));

      const idsOf = (all: readonly CloudEvent[]): readonly unknown[] =>
        all.flatMap((each) =>
          each.kind === "history" ? [[each.event.id, each.event.previousEventId, each.event.type]] : [],
        );
      expect(idsOf(read.map(({ event }) => event))).to.deep.equal(idsOf(events));
      const statesOf = (all: readonly CloudEvent[]): readonly unknown[] => [
        ...new Set(all.flatMap((each) => (each.kind === "job-run" ? [each.run.JobRunState] : []))),
      ];
      expect(statesOf(read.map(({ event }) => event))).to.deep.equal(["STARTING", "RUNNING", "SUCCEEDED"]);
      const notificationsIn = (all: readonly CloudEvent[]): readonly unknown[] =>
        all.flatMap((each) =>
          each.kind === "notification" ? [[each.topic.split(":").at(-1), each.subject, each.message]] : [],
        );
      expect(notificationsIn(read.map(({ event }) => event))).to.deep.equal(notificationsIn(events));
      expect(notificationsIn(events)).to.have.lengthOf(1);
    });
  }

  it("numbers events on where it is given them one by one", () => {
    const reader = new HistoryReader({ executionArn: "arn", ...names });
    const event = (id: number): ApiEvent => ({ id, timestamp: new Date(id), type: "WaitStateEntered" });
    reader.read(event(7));
    expect(reader.lastId).to.equal(7);
  });
});

describe("jobRunIn", () => {
  it("turns dates back into dates, from text and from seconds", () => {
    expect(
      jobRunIn({ JobRun: { Id: "jr_1", StartedOn: "2026-01-01T00:00:00Z", CompletedOn: 1767225600.5 } }),
    ).to.deep.equal({
      Id: "jr_1",
      StartedOn: new Date(Date.UTC(2026, 0, 1)),
      CompletedOn: new Date(1767225600500),
    });
  });

  it("finds no run in anything else", () => {
    for (const output of [undefined, "text", { JobRunId: "jr_1" }, { JobRun: {} }])
      expect(jobRunIn(output)).to.equal(undefined);
  });
});
