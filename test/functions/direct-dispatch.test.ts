import { expect } from "chai";
import fc from "fast-check";
import { DirectBench, type Fault } from "../support/direct-bench.ts";
import { s3Record } from "../support/s3-events.ts";

const notificationOf = (...keys: readonly string[]) => ({
  Records: keys.map((key) => s3Record({ key: `incoming/${key}`, versionId: key, size: 8 })),
});

const attemptsIn = async (bench: DirectBench): Promise<string[]> =>
  (await bench.runs()).map(({ Arguments }) => `${Arguments?.["--key"] ?? ""} ${Arguments?.["--attempt"] ?? ""}`).sort();

describe("Files without a state machine", () => {
  it("are entered, started, watched and told", async () => {
    const bench = new DirectBench();
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    const [run] = await bench.runs();
    const [entry] = bench.entries();
    expect(run?.Arguments).to.deep.equal({
      "--bucket": "landing",
      "--key": "incoming/a.csv",
      "--version_id": "a.csv",
      "--size": "8",
      "--output_bucket": "output",
      "--execution_name": entry?.name,
      "--attempt": "1",
    });
    expect(bench.told).to.deep.equal([entry?.result]);
    expect(bench.envelopes).to.deep.equal([
      {
        TopicArn: "results",
        Subject: "File succeeded",
        MessageAttributes: { outcome: { DataType: "String", StringValue: "succeeded" } },
      },
    ]);
    expect(entry?.result).to.deep.equal({
      outcome: "succeeded",
      file: entry?.input.arguments,
      executionName: entry?.name,
      jobName: "process-csv",
      attempts: 1,
      jobRun: { Id: run?.Id, JobRunState: "SUCCEEDED", ExecutionTime: 12, ErrorMessage: "" },
      output: { bucket: "output", prefix: `processed/execution=${entry?.name ?? ""}/` },
    });
    expect(bench.kept).to.deep.equal([]);
  });

  it("are looked at ever less often, and within the bounds", async () => {
    const bench = new DirectBench({ simulation: { durationSeconds: 3000 } });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    const looks = bench.dueTimes.map((due, index) => (due - (bench.dueTimes[index - 1] ?? due)) / 1000).slice(2);
    expect(Math.min(...looks)).to.equal(5);
    expect(Math.max(...looks)).to.equal(60);
    expect(looks).to.deep.equal(looks.toSorted((a, b) => a - b));
  });

  it("are rejected for their reason, without a run", async () => {
    const bench = new DirectBench();
    bench.deliver(notificationOf("a.pdf"));
    await bench.settle();
    expect(await bench.runs()).to.deep.equal([]);
    expect(bench.told).to.have.length(1);
    expect(bench.told[0]).to.include({ outcome: "rejected", reason: "its name must end in .csv" });
  });

  it("are run again after a failure, each time after a longer wait, and kept when that does not help", async () => {
    const bench = new DirectBench({
      simulation: { scenarios: [{ match: "*", Return: { JobRunState: "FAILED", ErrorMessage: "no disk" } }] },
    });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    const runs = (await bench.runs()).toReversed();
    expect(runs.map(({ Arguments }) => Arguments?.["--attempt"])).to.deep.equal(["1", "2", "3"]);
    const pauses = runs.slice(1).map(({ StartedOn }, index) => {
      const before = runs[index]?.CompletedOn?.getTime() ?? 0;
      return Math.floor(((StartedOn?.getTime() ?? 0) - before) / 1000);
    });
    // The end of a run is seen some seconds later.
    expect(pauses[0]).to.be.within(30, 36);
    expect(pauses[1]).to.be.within(60, 66);
    expect(bench.kept).to.deep.equal(bench.told);
    expect(bench.kept).to.have.length(1);
    expect(bench.kept[0]).to.include({
      outcome: "failed",
      attempts: 3,
      error: "JobRun.FAILED",
      cause: `Job run ${runs[2]?.Id ?? ""} of process-csv was FAILED after attempt 3: no disk`,
    });
  });

  it("are not run again after a TIMEOUT, which would come again", async () => {
    const bench = new DirectBench({ simulation: { scenarios: [{ match: "*", Return: { JobRunState: "TIMEOUT" } }] } });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    expect(await bench.runs()).to.have.length(1);
    expect(bench.kept[0]).to.include({ error: "JobRun.TIMEOUT", attempts: 1 });
  });

  it("are given up with their run, which is stopped", async () => {
    const bench = new DirectBench({
      simulation: { durationSeconds: 3000 },
      settings: { giveUpAfterMinutes: 10 },
    });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    bench.now += 60_000;
    expect((await bench.runs())[0]?.JobRunState).to.equal("STOPPED");
    expect(bench.kept[0]?.cause).to.match(/was RUNNING after attempt 1: given up after 10 minutes$/);
  });

  it("wait for a place, without a run too many or a file too few", async () => {
    const bench = new DirectBench({ job: { MaxConcurrentRuns: 2 } });
    const keys = Array.from({ length: 12 }, (_, index) => `${index}.csv`);
    for (const key of keys) bench.deliver(notificationOf(key));
    await bench.settle();
    expect(await attemptsIn(bench)).to.deep.equal(keys.map((key) => `incoming/${key} 1`).sort());
    expect(bench.told.map(({ outcome }) => outcome)).to.deep.equal(keys.map(() => "succeeded"));
    expect(bench.log.some(({ error }) => error === "Glue.ConcurrentRunsExceededException")).to.equal(true);
  });

  it("fail at once with what no further try could change, in the words of Glue", async () => {
    const bench = new DirectBench({
      simulation: { scenarios: [{ match: "*", Throw: { Error: "EntityNotFoundException", Cause: "no such job" } }] },
    });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    expect(bench.kept[0]).to.include({ error: "Glue.EntityNotFoundException", cause: "no such job", attempts: 1 });
    expect(bench.kept[0]?.input?.arguments.key).to.equal("incoming/a.csv");
  });

  it("are taken on once, however often and late their notification comes", async () => {
    const bench = new DirectBench();
    for (const seconds of [0, 0, 0, 0, 0, 3, 60, 86_400]) bench.deliver(notificationOf("a.csv"), seconds);
    await bench.settle();
    expect(await attemptsIn(bench)).to.deep.equal(["incoming/a.csv 1"]);
    expect(bench.told).to.have.length(1);
  });

  it("wait longer than a queue can delay", async () => {
    const bench = new DirectBench({
      simulation: { scenarios: [{ match: "*", attempts: [1], Return: { JobRunState: "FAILED" } }] },
      settings: { retry: { maxAttempts: 2, intervalSeconds: 10_000, backoffRate: 1 } },
    });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    const [second, first] = await bench.runs();
    const pause = (second?.StartedOn?.getTime() ?? 0) - (first?.CompletedOn?.getTime() ?? 0);
    expect(pause / 1000).to.be.within(10_000, 10_010);
    expect(bench.told[0]).to.include({ outcome: "succeeded", attempts: 2 });
  });

  it("start no second run where the first one's start was never answered", async () => {
    const startOfRun = 2;
    for (const fault of ["answer lost", "dies after"] as const) {
      const bench = new DirectBench({ faults: new Map([[startOfRun, fault]]) });
      bench.deliver(notificationOf("a.csv"));
      await bench.settle();
      expect(await attemptsIn(bench), fault).to.deep.equal(["incoming/a.csv 1"]);
      expect(bench.log.map(({ message }) => message)).to.include("found");
      expect(bench.told.map(({ outcome }) => outcome)).to.deep.equal(["succeeded"]);
    }
  });

  it("come to their end, each run started once, whatever dies or fails in between", async () => {
    const faults = fc.uniqueArray(
      fc.tuple(fc.nat(60), fc.constantFrom<Fault>("dies before", "dies after", "throttled", "answer lost")),
      { maxLength: 4, selector: ([call]) => call },
    );
    const files = fc.array(fc.constantFrom("good.csv", "bad.csv", "late.csv", "wrong.pdf"), {
      minLength: 1,
      maxLength: 4,
    });
    const scenarios = [
      { match: "*bad*", Return: { JobRunState: "FAILED" } },
      { match: "*late*", attempts: [1], Return: { JobRunState: "FAILED" } },
    ] as const;
    await fc.assert(
      fc.asyncProperty(faults, files, async (planned, keys) => {
        const bench = new DirectBench({
          faults: new Map(planned),
          simulation: { scenarios },
          job: { MaxConcurrentRuns: 2 },
        });
        for (const key of keys) bench.deliver(notificationOf(key));
        await bench.settle();
        const expected = [...new Set(keys)].sort();
        // A dispatcher that died three times has left its notification to a person, who sends it again.
        for (const event of bench.lost) bench.deliver(event);
        await bench.settle();
        expect(bench.entries().map(({ step }) => step)).to.deep.equal(expected.map(() => "Done"));
        const runs = expected.flatMap((key) => runsOf[key]?.map((attempt) => `incoming/${key} ${attempt}`) ?? []);
        expect(await attemptsIn(bench)).to.deep.equal(runs);
        // Whoever dies between a message and the note of it has sent it twice.
        const told = new Set(bench.told.map(({ file, outcome }) => `${file.key} ${outcome}`));
        expect([...told].sort()).to.deep.equal(expected.map((key) => `incoming/${key} ${outcomeOf[key] ?? ""}`));
        expect(new Set(bench.kept.map(({ file }) => file.key)).size).to.equal(expected.includes("bad.csv") ? 1 : 0);
      }),
      { numRuns: 400 },
    );
  });
  const runsOf: Readonly<Record<string, readonly number[]>> = {
    "good.csv": [1],
    "bad.csv": [1, 2, 3],
    "late.csv": [1, 2],
    "wrong.pdf": [],
  };
  const outcomeOf: Readonly<Record<string, string>> = {
    "good.csv": "succeeded",
    "bad.csv": "failed",
    "late.csv": "succeeded",
    "wrong.pdf": "rejected",
  };

  it("have each run started once, though two watchers are handed each reminder", async () => {
    const scenarios = [{ match: "*", attempts: [1], Return: { JobRunState: "FAILED" } }] as const;
    for (let secondWatcherAfter = 0; secondWatcherAfter < 80; secondWatcherAfter += 1) {
      const bench = new DirectBench({ secondWatcherAfter, simulation: { scenarios } });
      bench.deliver(notificationOf("a.csv"));
      await bench.settle();
      expect(await attemptsIn(bench)).to.deep.equal(["incoming/a.csv 1", "incoming/a.csv 2"]);
      expect(bench.entries().map(({ step }) => step)).to.deep.equal(["Done"]);
      expect(new Set(bench.told.map(({ outcome }) => outcome))).to.deep.equal(new Set(["succeeded"]));
    }
  });

  it("are left to a person where the dispatcher dies each time", async () => {
    const faults = new Map<number, Fault>([0, 1, 2].map((call) => [call, "dies before"]));
    const bench = new DirectBench({ faults });
    bench.deliver(notificationOf("a.csv"));
    await bench.settle();
    expect(bench.lost).to.deep.equal([notificationOf("a.csv")]);
    bench.deliver(bench.lost[0]);
    await bench.settle();
    expect(bench.told.map(({ outcome }) => outcome)).to.deep.equal(["succeeded"]);
  });
});
