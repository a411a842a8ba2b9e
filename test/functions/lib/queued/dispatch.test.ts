import { expect } from "chai";
import { QueuedBench } from "../../../support/queued-bench.ts";
import { s3Record } from "../../../support/s3-events.ts";

const arrival = (key: string, more: { readonly size?: number; readonly sequencer?: string } = {}): object => ({
  Records: [s3Record({ key, versionId: `v-${key}-${more.sequencer ?? ""}`, ...more })],
});

const states = (bench: QueuedBench): Readonly<Record<string, string>> =>
  Object.fromEntries(bench.entries().map(({ file, state }) => [file.key, state]));

describe("Queued dispatch", () => {
  it("gives each file an execution of its own, and notes what became of it", async () => {
    const bench = new QueuedBench();
    for (const key of ["a.csv", "bad.csv", "c.csv"]) bench.arrive(arrival(key));
    await bench.settle();
    expect(states(bench)).to.deep.equal({ "a.csv": "succeeded", "bad.csv": "failed", "c.csv": "succeeded" });
    expect(bench.job.runs).to.have.length(3);
  });

  it("groups files into batches", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch" } });
    for (const key of ["a.csv", "bad.csv", "c.csv"]) bench.arrive(arrival(key));
    await bench.settle();
    expect(states(bench)).to.deep.equal({ "a.csv": "succeeded", "bad.csv": "failed", "c.csv": "succeeded" });
    expect(bench.job.runs.map(({ name }) => name.slice(0, 6))).to.deep.equal(["batch-"]);
    expect(bench.messages("failures")).to.have.length(1);
  });

  it("waits for a slot where executions are capped", async () => {
    const bench = new QueuedBench({ settings: { maxConcurrentExecutions: 2 } });
    for (let index = 0; index < 20; index += 1) bench.arrive(arrival(`${index}.csv`));
    await bench.settle();
    expect(bench.job.mostAtOnce).to.equal(2);
    expect(new Set(Object.values(states(bench)))).to.deep.equal(new Set(["succeeded"]));
  });

  it("takes the versions of a key one after the other", async () => {
    const bench = new QueuedBench({ settings: { order: "per-key" } });
    for (const [index, sequencer] of ["05", "0", "03", "01", "09"].entries()) {
      bench.arrive(arrival("a.csv", { sequencer }), index * 4000);
    }
    await bench.settle();
    expect(bench.job.runs.map(({ input }) => input.arguments.sequencer)).to.deep.equal(["05", "09"]);
    const superseded = bench.entries().filter(({ state }) => state === "superseded");
    expect(superseded.map(({ file }) => file.sequencer)).to.have.members(["0", "03", "01"]);
    expect(bench.published.map(({ outcome }) => outcome)).to.deep.equal(["superseded", "superseded", "superseded"]);
  });

  it("has a message that nobody can read end in the failure queue, and holds up no other", async () => {
    const bench = new QueuedBench({ maxReceiveCount: 3 });
    const mixed = { Records: [s3Record({ key: "b.csv" }), { eventName: "ObjectCreated:Put", s3: {} }] };
    for (const body of ["{", mixed, arrival("a.csv")]) bench.arrive(body);
    await bench.settle();
    expect(states(bench)).to.deep.equal({ "a.csv": "succeeded", "b.csv": "succeeded" });
    expect(bench.messages("failures")).to.have.members(["{", JSON.stringify(mixed)]);
    expect(bench.job.runs).to.have.length(2);
  });

  it("rejects what is unfit for a batch, and tells so as the state machine would", async () => {
    const validation = { extensions: ["csv"], minFileBytes: 1, maxFileBytes: 2000 };
    const bench = new QueuedBench({ settings: { mode: "batch", validation } });
    for (const key of ["a.csv", "b.pdf", "b.pdf"]) bench.arrive(arrival(key));
    await bench.settle();
    expect(states(bench)).to.deep.equal({ "a.csv": "succeeded", "b.pdf": "rejected" });
    const [told] = bench.published;
    const entry = bench.entries().find(({ state }) => state === "rejected");
    const reason = "its name must end in .csv";
    expect(entry).to.include({ reason });
    expect(told).to.deep.equal({ outcome: "rejected", file: entry?.file, executionName: entry?.name, reason });
  });

  it("takes a failed file again when a person asks for it, once for each time", async () => {
    const bench = new QueuedBench();
    bench.arrive(arrival("bad.csv"));
    await bench.settle();
    const [entry] = bench.entries();
    const again = (generation: number): object => ({ Replay: [{ name: entry?.name, file: entry?.file, generation }] });
    for (const generation of [1, 1, 0]) bench.arrive(again(generation));
    await bench.settle();
    expect(bench.entries()[0]).to.include({ state: "succeeded", generation: 1 });
    expect(bench.job.runs.map(({ name }) => name)).to.deep.equal([entry?.name, `r1-${entry?.name ?? ""}`]);
    bench.arrive(again(2));
    await bench.settle();
    expect(bench.job.runs).to.have.length(2, "what has succeeded is not taken again");
    expect(bench.log.filter(({ message }) => message === "not replayed")).to.have.length(1);
  });

  it("takes a file again that the ledger has forgotten", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch" } });
    const { Records } = arrival("a.csv") as { readonly Records: readonly object[] };
    bench.arrive({ Records });
    await bench.settle();
    const [entry] = bench.entries();
    const forgetful = new QueuedBench({ settings: { mode: "batch" } });
    const again = { Replay: [{ name: entry?.name, file: entry?.file, generation: 3 }] };
    for (const body of [again, again]) forgetful.arrive(body);
    await forgetful.settle();
    expect(forgetful.entries()[0]).to.include({ state: "succeeded", generation: 3 });
    expect(forgetful.job.runs).to.have.length(1);
  });

  it("lets what it has no time for come back, and takes it on then", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch", maxFiles: 40 }, batchSize: 40, timeoutMs: 10_400 });
    for (let index = 0; index < 40; index += 1) bench.arrive(arrival(`${index}.csv`));
    await bench.settle();
    expect(new Set(Object.values(states(bench)))).to.deep.equal(new Set(["succeeded"]));
    expect(JSON.stringify(bench.log)).to.contain("OutOfTimeError");
    const taken = await Promise.all(bench.job.runs.map((run) => bench.job.filesOf(run)));
    expect(taken.flat()).to.have.length(40);
  });

  it("asks for the end of an execution of which nothing is heard", async () => {
    const bench = new QueuedBench({ settings: { maxConcurrentExecutions: 1 }, lostOutcomes: 1, aborted: 0.5, seed: 4 });
    for (let index = 0; index < 6; index += 1) bench.arrive(arrival(`${index}.csv`));
    await bench.settle();
    const errors = bench.entries().flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(new Set(errors)).to.deep.equal(new Set(["Execution.ABORTED"]));
    expect(bench.entries().filter(({ state }) => state === "succeeded")).to.have.length(6 - errors.length);
    expect(bench.job.mostAtOnce).to.equal(1);
  });

  it("reminds itself of an execution that is under way as long as it is", async () => {
    const bench = new QueuedBench({ lostOutcomes: 1 });
    bench.arrive(arrival("a.csv"));
    await bench.settle();
    const reminders = bench.calls.filter(({ operation }) => operation === "sendMessage");
    expect(reminders).to.have.length(1);
    expect(bench.entries()[0]?.state).to.equal("succeeded");
    expect(bench.calls.filter(({ operation }) => operation === "describeExecution")).to.have.length(1);
  });

  it("finds out by its reminder that an execution goes on whose start it has heard nothing of", async () => {
    const settings = { maxConcurrentExecutions: 1 };
    const bench = new QueuedBench({ settings, firstAnswerLost: "startExecution" });
    bench.arrive(arrival("slow.csv"));
    const seen: unknown[] = [];
    for (const afterMs of [300_000, 400_000]) {
      bench.clock.schedule(afterMs, () => {
        seen.push([bench.entries()[0]?.state, bench.items("unit")[0]?.State?.S]);
        return Promise.resolve();
      });
    }
    await bench.settle();
    expect(seen).to.deep.equal([
      ["waiting", "starting"],
      ["started", "started"],
    ]);
    expect(bench.log.map(({ message }) => message)).to.include("left to its reminder");
    expect(bench.job.runs).to.have.length(1);
    expect(states(bench)).to.deep.equal({ "slow.csv": "succeeded" });
    expect(bench.calls.filter(({ operation }) => operation === "describeExecution")).to.have.length(3);
  });

  it("counts a file's own outcome, and the batch's where it has none", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch" } });
    for (const key of ["a.csv", "poison.csv"]) bench.arrive(arrival(key));
    await bench.settle();
    const [first, second] = [...bench.entries()].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(first).to.include({ state: "succeeded", rowsWritten: 1 });
    expect(second).to.include({ state: "failed", error: "JobRun.FAILED", cause: "it did" });
    expect(bench.messages("failures")).to.deep.equal([], "the state machine has told of the batch");
  });

  it("fails a file of which a batch that succeeded tells nothing, while it tells of others", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch" } });
    for (const key of ["a.csv", "untold.csv"]) bench.arrive(arrival(key));
    await bench.settle();
    expect(states(bench)).to.deep.equal({ "a.csv": "succeeded", "untold.csv": "failed" });
    const [kept, ...others] = bench.messages("failures").map((body) => JSON.parse(body) as object);
    expect(others).to.deep.equal([]);
    expect(kept).to.include({ outcome: "failed", error: "File.NoOutcome", generation: 0 });
  });

  for (const settings of [{}, { mode: "batch" }, { maxConcurrentExecutions: 1 }] as const) {
    it(`takes a file again whose execution is forgotten after it, with ${JSON.stringify(settings)}`, async () => {
      const bench = new QueuedBench({ settings: { ...settings, retentionDays: 1 } });
      bench.arrive(arrival("a.csv"));
      await bench.settle();
      // DynamoDB takes its time, and no order, to delete what has expired.
      const Key = { Partition: { S: bench.entries()[0]?.name }, Id: { S: "file" } };
      bench.dynamoDb.deleteItem({ TableName: "ledger", Key } as never);
      expect(bench.entries()).to.deep.equal([]);
      bench.arrive(arrival("a.csv"));
      await bench.settle();
      expect(states(bench)).to.deep.equal({ "a.csv": "succeeded" });
    });
  }

  it("forgets what has ended after the days that it was told", async () => {
    const bench = new QueuedBench({ settings: { retentionDays: 2 } });
    bench.arrive(arrival("a.csv"));
    await bench.settle();
    const [entry] = bench.entries();
    for (const item of bench.items("")) {
      expect(Number(item.ExpiresAt?.N)).to.be.within(
        (entry?.endedAt ?? 0) / 1000 + 172_800,
        bench.clock.now() / 1000 + 172_800,
      );
    }
  });
});
