import { expect } from "chai";
import { QueuedBench } from "../../../support/queued-bench.ts";
import { s3Record } from "../../../support/s3-events.ts";

const arrival = (key: string, sequencer = "0"): { readonly Records: readonly object[] } => ({
  Records: [s3Record({ key, versionId: `v-${key}-${sequencer}`, sequencer })],
});

const minute = 60_000;

const told = (bench: QueuedBench): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    bench.entries().map(({ file, state, error, generation }) => [file.key, [state, error, generation]]),
  );

/** Sends all that has failed again. */
const replay = async (bench: QueuedBench): Promise<void> => {
  const failed = bench.entries().filter(({ state }) => state === "failed");
  for (const { name, file, generation } of failed) {
    bench.arrive({ Replay: [{ name, file, generation: generation + 1 }] });
  }
  await bench.settle();
};

const expectNothingLeft = (bench: QueuedBench): void => {
  const left = bench.items("").filter(({ Partition }) => ["waiting", "slots"].includes(Partition?.S ?? ""));
  expect(left).to.deep.equal([]);
  expect(new Set(bench.items("unit").map(({ State }) => State?.S))).to.deep.equal(new Set(["ended"]));
  expect([bench.messages("arrivals"), bench.messages("outcomes")]).to.deep.equal([[], []]);
};

describe("Queued dispatch whose mode is changed", () => {
  it("to batches lets go on what has begun, and has nothing begun that waited: it can be replayed", async () => {
    const bench = new QueuedBench({ settings: { maxConcurrentExecutions: 1 } });
    for (const key of ["slow.csv", "a.csv", "b.csv", "c.csv"])
      bench.arrive(arrival(key), key === "slow.csv" ? 0 : 5000);
    bench.change({ mode: "batch" }, 10 * minute);
    await bench.settle();
    const changed = ["failed", "Dispatch.Changed", 0];
    expect(told(bench)).to.deep.equal({
      "slow.csv": ["succeeded", undefined, 0],
      "a.csv": changed,
      "b.csv": changed,
      "c.csv": changed,
    });
    expect(bench.job.runs).to.have.length(1);
    expectNothingLeft(bench);
    await replay(bench);
    expect(Object.values(told(bench)).map(([state]) => state)).to.deep.equal(Array(4).fill("succeeded"));
    expect(bench.job.runs.slice(1).every(({ name }) => name.startsWith("batch-"))).to.equal(true);
    expectNothingLeft(bench);
  });

  it("has nothing fail that a function has begun which still went by the mode before", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const bench = new QueuedBench({ seed, settings: { maxConcurrentExecutions: 2 }, slowness: 2000 });
      for (const key of ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]) bench.arrive(arrival(key));
      const changedAt = 20_000 + seed * 1000;
      bench.change({ mode: "batch" }, changedAt);
      for (const [key, after] of [["y.csv", 100] as const, ["z.csv", 1500] as const]) {
        bench.arrive(arrival(key), changedAt + after);
      }
      await bench.settle();
      const begun = new Set(bench.told.map(({ executionName }) => executionName));
      const failed = bench.entries().filter(({ error }) => error === "Dispatch.Changed");
      expect(
        failed.filter(({ executionName = "" }) => begun.has(executionName)),
        `seed ${seed}`,
      ).to.deep.equal([]);
      expectNothingLeft(bench);
    }
  });

  it("to single files lets batches go on that have begun, each file with its outcome, and replays the others", async () => {
    const bench = new QueuedBench({ settings: { mode: "batch", maxConcurrentExecutions: 1 } });
    for (const key of ["slow.csv", "bad.csv"]) bench.arrive(arrival(key));
    for (const key of ["a.csv", "b.csv"]) bench.arrive(arrival(key), 5000);
    bench.change({ mode: "per-file" }, 10_000);
    await bench.settle();
    const [bad, ...others] = bench.entries().filter(({ error }) => error === "Bad");
    expect([bad?.file.key, others]).to.deep.equal(["bad.csv", []]);
    const states = bench.entries().map(({ state, error }) => error ?? state);
    expect(states.sort()).to.deep.equal(["Bad", "Dispatch.Changed", "Dispatch.Changed", "succeeded"]);
    expect(bench.job.runs).to.have.length(1);
    expectNothingLeft(bench);
    await replay(bench);
    expect(bench.entries().map(({ state }) => state)).to.deep.equal(Array(4).fill("succeeded"));
    expect(bench.job.runs).to.have.length(4);
    expectNothingLeft(bench);
  });

  it("goes on with the next version of a key whose turn it was", async () => {
    const bench = new QueuedBench({ settings: { maxConcurrentExecutions: 1, order: "per-key" } });
    bench.arrive(arrival("slow.csv"));
    for (const sequencer of ["1", "2"]) bench.arrive(arrival("a.csv", sequencer), 5000);
    bench.change({ mode: "batch" }, 10 * minute);
    await bench.settle();
    const versions = bench.entries().filter(({ file }) => file.key === "a.csv");
    expect(versions.map(({ file, state }) => [file.sequencer, state]).sort()).to.deep.equal([
      ["1", "failed"],
      ["2", "succeeded"],
    ]);
    expectNothingLeft(bench);
  });

  it("takes on what S3 had sent to the function before there was a queue, or says that it could not", async () => {
    const bench = new QueuedBench();
    const unreadable = { Records: [{ eventName: "ObjectCreated:Put", s3: {} }] };
    for (const event of [arrival("a.csv"), { Event: "s3:TestEvent" }, unreadable]) bench.notify(event);
    await bench.settle();
    const faults = bench.log.filter(({ level }) => level === "FAULT").map(({ error }) => String(error));
    expect(faults).to.have.length(1);
    expect(faults[0]).to.match(/^NotDispatchedError: .*ObjectCreated:Put/);
    expect(told(bench)).to.deep.equal({ "a.csv": ["succeeded", undefined, 0] });
  });
});
