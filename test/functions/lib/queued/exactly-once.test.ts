import { expect } from "chai";
import fc from "fast-check";
import { sequenceOf } from "../../../../functions/lib/queued/key-order.ts";
import { QueuedBench, type QueuedBenchOptions } from "../../../support/queued-bench.ts";
import { s3Record } from "../../../support/s3-events.ts";
import type { FileEntry } from "../../../../functions/lib/queued/file-entry.ts";
import type { ManifestFile } from "../../../../functions/lib/queued/manifest.ts";
import type { Run } from "../../../support/queued-job.ts";

interface Upload {
  readonly key: string;
  readonly sequencer: string;
  readonly size: number;
  /** When its event comes, as often as it comes: milliseconds. */
  readonly arrivals: readonly number[];
}

interface Scenario {
  readonly options: QueuedBenchOptions;
  readonly uploads: readonly Upload[];
  /** How often each failed file is sent again. */
  readonly replays: number;
  /** Milliseconds between them. */
  readonly gap: number;
}

const rate = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true }));

const upload: fc.Arbitrary<Upload> = fc.record({
  key: fc.constantFrom(...["a", "b", "c", "bad", "bad2", "poison", "mute"].map((name) => `incoming/${name}.csv`)),
  sequencer: fc.integer({ min: 1, max: 9 }).map((number) => `0${number}`),
  size: fc.integer({ min: 1, max: 1000 }),
  // Close together, so that many are at work at the same time, or far from each other.
  arrivals: fc.array(fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 90_000 })), {
    minLength: 1,
    maxLength: 4,
  }),
});

const scenario: fc.Arbitrary<Scenario> = fc.record({
  uploads: fc.uniqueArray(upload, {
    minLength: 1,
    maxLength: 24,
    selector: ({ key, sequencer }) => `${key} ${sequencer}`,
  }),
  replays: fc.integer({ min: 0, max: 3 }),
  gap: fc.constantFrom(50, 9000),
  options: fc.record({
    seed: fc.nat(),
    settings: fc.record({
      mode: fc.constantFrom("per-file" as const, "batch" as const),
      maxFiles: fc.integer({ min: 1, max: 8 }),
      maxBytes: fc.constantFrom(1500, 1_000_000),
      maxConcurrentExecutions: fc.constantFrom(0, 1, 2, 3),
      order: fc.constantFrom("none" as const, "per-key" as const),
    }),
    faults: fc.record({
      diesBefore: rate(0.04),
      diesAfter: rate(0.04),
      throttled: rate(0.05),
      answerLost: rate(0.04),
    }),
    mostFaults: fc.constant(60),
    lostOutcomes: rate(0.5),
    aborted: rate(0.2),
    batchSize: fc.integer({ min: 1, max: 12 }),
    slowness: fc.constantFrom(40, 1000),
  }),
});

interface Ended {
  readonly bench: QueuedBench;
  readonly runs: readonly { readonly run: Run; readonly files: readonly ManifestFile[] }[];
  readonly entries: readonly FileEntry[];
}

const play = async ({ options, uploads, replays, gap }: Scenario): Promise<Ended> => {
  const bench = new QueuedBench(options);
  for (const { key, sequencer, size, arrivals } of uploads) {
    const event = { Records: [s3Record({ key, size, sequencer, versionId: `${key}-${sequencer}` })] };
    for (const afterMs of arrivals) bench.arrive(event, afterMs);
  }
  await bench.settle();
  const failed = bench.entries().filter(({ state }) => state === "failed");
  for (const [index, { name, file, generation }] of failed.entries()) {
    const again = { Replay: [{ name, file, generation: generation + 1 }] };
    for (let time = 0; time < replays; time += 1) bench.arrive(again, index * 20 + time * gap);
  }
  await bench.settle();
  const runs = await Promise.all(bench.job.runs.map(async (run) => ({ run, files: await bench.job.filesOf(run) })));
  return { bench, runs, entries: bench.entries() };
};

const hashOf = (name: string): string => name.slice(-64);

const expectOnce = ({ runs, entries, bench }: Ended, { uploads }: Scenario): void => {
  expect(entries).to.have.length(uploads.length, "every file is in the ledger");
  const taken = runs.flatMap(({ files }) => files.map(({ name, generation }) => `${hashOf(name)} ${generation}`));
  const wanted = entries
    .filter(({ state }) => state !== "superseded")
    .flatMap(({ name, generation }) =>
      Array.from({ length: generation + 1 }, (_, before) => `${hashOf(name)} ${before}`),
    );
  const replayedInVain = entries
    .filter(({ state, generation }) => state === "superseded" && generation > 0)
    .flatMap(({ name, generation }) => Array.from({ length: generation }, (_, before) => `${hashOf(name)} ${before}`));
  expect([...taken].sort()).to.deep.equal([...wanted, ...replayedInVain].sort(), "each is in one execution");
  expect([bench.messages("arrivals"), bench.messages("outcomes")]).to.deep.equal([[], []]);
};

const expectEnded = ({ bench, entries, runs }: Ended): void => {
  for (const entry of entries) {
    if (entry.state === "superseded") continue;
    const { name, executionName, generation } = entry;
    const ran = runs.find(({ run }) => run.name === executionName);
    expect(ran?.files.some((file) => hashOf(file.name) === hashOf(name) && file.generation === generation)).to.equal(
      true,
    );
    expect(entry.state, JSON.stringify(entry)).to.equal(stateAfter(entry, ran));
  }
  expect(bench.items("unit").map(({ State }) => State?.S)).to.deep.equal(runs.map(() => "ended"));
  const left = bench.items("").filter(({ Partition }) => ["waiting", "slots"].includes(Partition?.S ?? ""));
  expect(left).to.deep.equal([], "no slot is held, and nothing waits");
  expect(bench.items("version#")).to.deep.equal([]);
};

const stateAfter = ({ name, file: { key }, generation }: FileEntry, ran: Ended["runs"][number] | undefined): string => {
  if (ran?.run.told === undefined) return "failed";
  const isBatch = ran.run.name.startsWith("batch-");
  const has = (word: string): boolean => ran.files.some((one) => one.generation === 0 && one.key.includes(word));
  const isBad = generation === 0 && key.includes("bad");
  if (!isBatch) return isBad || has("poison") ? "failed" : "succeeded";
  if (has("mute")) return has("poison") ? "failed" : "succeeded";
  if (!has("poison")) return isBad ? "failed" : "succeeded";
  const isFirst = hashOf(ran.files[0]?.name ?? "") === hashOf(name);
  return isFirst && !isBad ? "succeeded" : "failed";
};

const expectOrder = ({ runs }: Ended): void => {
  const byKey = new Map<string, { readonly sequence: string; readonly run: Run; readonly generation: number }[]>();
  for (const { run, files } of runs) {
    for (const file of files) {
      const { key, generation } = file;
      byKey.set(key, [...(byKey.get(key) ?? []), { sequence: sequenceOf(file), run, generation }]);
    }
  }
  for (const versions of byKey.values()) {
    for (const [index, { sequence, run }] of versions.entries()) {
      const next = versions[index + 1];
      if (next === undefined) continue;
      expect(next.run.startedAt).to.be.at.least(run.endedAt ?? Infinity, "one after the other");
      expect(sequence <= next.sequence).to.equal(true, "older ones first");
    }
  }
};

const expectFailuresKept = ({ bench, entries, runs }: Ended): void => {
  const kept = bench.messages("failures").map((body) => JSON.parse(body) as { name: string; generation: number });
  for (const { name, state, executionName, generation } of entries) {
    const told = runs.find(({ run }) => run.name === executionName)?.run.told;
    if (state !== "failed" || told?.outcome !== "succeeded") continue;
    expect(kept.some((one) => one.name === name && one.generation === generation)).to.equal(true, "kept for a person");
  }
};

describe("Queued dispatch, whatever is delivered how often and whoever dies where", () => {
  it("has each file in exactly one execution per generation, in order and under the cap, and records how it ended", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const ended = await play(given);
        expectOnce(ended, given);
        expectEnded(ended);
        expectFailuresKept(ended);
        const { maxConcurrentExecutions: cap = 0, order } = given.options.settings ?? {};
        if (cap > 0) expect(ended.bench.job.mostAtOnce).to.be.at.most(cap);
        if (order === "per-key") expectOrder(ended);
      }),
      // Shrinking would take longer than a test may.
      { numRuns: 60, endOnFailure: true },
    );
  });
});
