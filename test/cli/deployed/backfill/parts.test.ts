import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { estimateOf, UnitCounter, type EstimateArgs } from "../../../../cli/deployed/backfill/estimate.ts";
import { ProgressBar } from "../../../../cli/deployed/backfill/progress-bar.ts";
import { recordOf } from "../../../../cli/deployed/backfill/records.ts";
import { Sample } from "../../../../cli/deployed/backfill/sample.ts";
import { prefixToList } from "../../../../cli/deployed/backfill/selection.ts";
import { stateFile } from "../../../../cli/deployed/backfill/state.ts";
import { TokenBucket } from "../../../../cli/deployed/backfill/token-bucket.ts";
import { Screen } from "../../../../cli/render/screen.ts";
import { unpainted } from "../../../../cli/render/style.ts";
import { readNotification } from "../../../../functions/lib/events.ts";
import { planBatches } from "../../../../functions/lib/queued/plan-batches.ts";

describe("recordOf", () => {
  it("is read by the dispatcher as the version that it is of, whatever its key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.nat(), (key, size) => {
        fc.pre(!(key.endsWith("/") && size === 0));
        const version = { bucket: "b", key, versionId: "v1", size, lastModified: 0 };
        expect(readNotification({ Records: [recordOf(version)] })).to.deep.equal([
          { kind: "created", object: { bucket: "b", key, versionId: "v1", size, sequencer: "" } },
        ]);
      }),
    );
  });
});

describe("TokenBucket", () => {
  it("lets a second's worth go at once, and no more than its rate after that", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.record({ pieces: fc.integer({ min: 1, max: 80 }), pause: fc.nat(3000) }), { maxLength: 40 }),
        async (rate, takes) => {
          let now = 0;
          const sleep = (ms: number): Promise<void> => {
            now += ms;
            return Promise.resolve();
          };
          const bucket = new TokenBucket(rate, { now: () => now, sleep });
          let taken = 0;
          for (const { pieces, pause } of takes) {
            now += pause;
            await bucket.take(pieces);
            taken += pieces;
            expect(taken).to.be.at.most(rate + (rate * now) / 1000 + 1e-6);
          }
        },
      ),
    );
  });
});

describe("Sample", () => {
  it("keeps those with the smallest ranks, in whatever order they come", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom("0", "7", "f"), minLength: 1 })),
        fc.integer({ min: 1, max: 5 }),
        (ranks, size) => {
          const sample = new Sample<string>(size);
          for (const rank of ranks) sample.add(rank, rank);
          expect(sample.items).to.deep.equal(ranks.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, size));
        },
      ),
    );
  });
});

describe("prefixToList", () => {
  const at = (...prefixes: string[]) => prefixes.map((prefix) => ({ bucket: "b", prefix, suffix: "" }));

  it("is what is wanted, as far as files land there", () => {
    expect(prefixToList(at("incoming/"), "")).to.equal("incoming/");
    expect(prefixToList(at("incoming/"), "inc")).to.equal("incoming/");
    expect(prefixToList(at("incoming/"), "incoming/2026/")).to.equal("incoming/2026/");
    expect(prefixToList(at(""), "a/")).to.equal("a/");
    expect(prefixToList(at("incoming/"), "other/")).to.equal(undefined);
    expect(prefixToList([], "")).to.equal(undefined);
  });

  it("is wide enough for all places where files land", () => {
    expect(prefixToList(at("in/a/", "in/b/"), "in/")).to.equal("in/");
    expect(prefixToList(at("in/a/", "in/a/"), "in/")).to.equal("in/a/");
  });
});

describe("UnitCounter", () => {
  it("counts the batches that the dispatcher would make of the same files", () => {
    const limits = fc.record({ maxFiles: fc.integer({ min: 1, max: 9 }), maxBytes: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(fc.array(fc.nat(150)), limits, (sizes, batch) => {
        const counter = new UnitCounter(batch);
        for (const size of sizes) counter.add(size);
        expect(counter.units).to.equal(
          planBatches(
            sizes.map((size) => ({ size })),
            batch,
          ).length,
        );
      }),
    );
  });
});

describe("estimateOf", () => {
  const args: EstimateArgs = {
    totals: { files: 1000, bytes: 1, units: 1000, unversioned: 0 },
    known: { looked: 100, known: 20 },
    settings: {
      batch: { maxFiles: 1, maxBytes: Infinity },
      size: { glueVersion: "5.1", workerType: "G.1X", numberOfWorkers: 6, executionClass: "STANDARD" },
      maxConcurrentRuns: 10,
      maxConcurrentExecutions: 0,
      expectedRunSeconds: 600,
    },
    run: { seconds: 900, from: "expectedRunMinutes" },
    rate: 20,
    isSimulated: false,
    isQueued: true,
  };

  it("reckons with the files that are not known yet", () => {
    // AWS's own example: 6 DPU for a quarter of an hour cost $0.66.
    const { dollars = 0, ...estimate } = estimateOf(args);
    expect(dollars).to.be.closeTo(800 * 0.66, 1e-6);
    expect(estimate).to.deep.equal({
      newFiles: 800,
      runs: 800,
      sendSeconds: 50,
      workSeconds: 80 * 900,
      restsOn: ["15 min 0 s a run (expectedRunMinutes)", "6 × G.1X, Glue alone", "10 runs at once"],
    });
  });

  it("counts a run for a batch, and keeps to the cap on executions", () => {
    const { settings, totals } = args;
    const capped = { ...settings, maxConcurrentExecutions: 2 };
    expect(estimateOf({ ...args, totals: { ...totals, units: 10 }, settings: capped })).to.include({
      runs: 8,
      workSeconds: 4 * 900,
    });
  });

  it("warns where more runs are asked for at a time than may go on", () => {
    expect(estimateOf({ ...args, isQueued: false }).restsOn.at(-1)).to.match(/--rate 0\.1 keeps them from failing/);
    expect(estimateOf({ ...args, isQueued: false, run: { seconds: 0.4, from: "" } }).restsOn).to.have.length(3);
  });

  it("says what it does not know, and has nothing to say of no files", () => {
    const { batch, maxConcurrentRuns, maxConcurrentExecutions, expectedRunSeconds } = args.settings;
    const settings = { batch, maxConcurrentRuns, maxConcurrentExecutions, expectedRunSeconds };
    const unknown = estimateOf({ ...args, settings });
    expect(unknown).not.to.have.any.keys("dollars", "workSeconds");
    expect(unknown.restsOn).to.include("no price is known for the jobs of this stack");
    const none = { files: 0, bytes: 0, units: 0, unversioned: 0 };
    expect(estimateOf({ ...args, totals: none, known: { looked: 0, known: 0 } })).to.include({ runs: 0, newFiles: 0 });
  });
});

describe("stateFile", () => {
  it("remembers the same work only, and is never half written", () => {
    const folder = mkdtempSync(join(tmpdir(), "state-"));
    const totals = { files: 5, bytes: 5, units: 5, unversioned: 0 };
    const known = { looked: 5, known: 0 };
    const state = { begunAt: 1, until: 1, totals, known, sent: 3, sentBytes: 3, already: 0, after: { key: "k" } };
    const file = stateFile(folder, "org/project/prod", { prefix: "a" });
    expect(file.load()).to.equal(undefined);
    file.save(state);
    expect(stateFile(folder, "org/project/prod", { prefix: "a" }).load()).to.deep.equal(state);
    expect(stateFile(folder, "org/project/prod", { prefix: "b" }).load()).to.equal(undefined);
    expect(readdirSync(join(folder, ".glue-pipeline"))).to.have.length(1);
    writeFileSync(file.path, "{");
    expect(file.load()).to.equal(undefined);
    file.remove();
    file.remove();
    expect(readdirSync(join(folder, ".glue-pipeline"))).to.deep.equal([]);
    rmSync(folder, { recursive: true });
  });
});

describe("ProgressBar", () => {
  it("tells how fast it goes and how long it will take, of what is sent this time", () => {
    let [text, now] = ["", 0];
    const screen = new Screen((more) => (text += more), true);
    const bar = new ProgressBar({ total: 1000, before: 400, screen, columns: 80, paint: unpainted, now: () => now });
    now = 2000;
    bar.show(500);
    expect(text).to.equal("  sending  █████░░░░░  50 %  500 of 1,000 files, 50/s, 10.0 s left");
  });

  it("tells it once a minute where lines cannot be rewritten", () => {
    let [text, now] = ["", 0];
    const screen = new Screen((more) => (text += more), false);
    const bar = new ProgressBar({ total: 100, before: 0, screen, columns: 80, paint: unpainted, now: () => now });
    for (now = 0; now <= 120_000; now += 1000) bar.show(now / 2000);
    expect(text.trim().split("\n")).to.have.length(2);
  });
});
