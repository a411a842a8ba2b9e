import { expect } from "chai";
import fc from "fast-check";
import { executionName } from "../../../../functions/lib/execution-name.ts";
import { readArrival } from "../../../../functions/lib/queued/arrivals.ts";
import { fileEntryOf, itemOf } from "../../../../functions/lib/queued/ledger-items.ts";
import { batchExecutionName, fileExecutionName } from "../../../../functions/lib/queued/names.ts";
import { readOutcomeMessage } from "../../../../functions/lib/queued/outcome-messages.ts";
import { planBatches } from "../../../../functions/lib/queued/plan-batches.ts";
import { s3Record } from "../../../support/s3-events.ts";
import type { FileEntry } from "../../../../functions/lib/queued/file-entry.ts";

describe("planBatches", () => {
  const sizes = (batches: readonly (readonly { readonly size: number }[])[]) =>
    batches.map((batch) => batch.map(({ size }) => size));

  it("keeps the order, and begins a batch where the next file would be too much", () => {
    const files = [3, 4, 5, 100, 1, 1, 1].map((size) => ({ size }));
    expect(sizes(planBatches(files, { maxFiles: 2, maxBytes: 10 }))).to.deep.equal([[3, 4], [5], [100], [1, 1], [1]]);
    expect(planBatches([], { maxFiles: 2, maxBytes: 10 })).to.deep.equal([]);
  });

  it("leaves nothing out, and no batch could have taken the first file of the next", () => {
    const limits = fc.record({ maxFiles: fc.integer({ min: 1, max: 6 }), maxBytes: fc.integer({ min: 1, max: 50 }) });
    const files = fc.array(fc.record({ size: fc.nat(60) }), { maxLength: 60 });
    fc.assert(
      fc.property(files, limits, (given, { maxFiles, maxBytes }) => {
        const batches = planBatches(given, { maxFiles, maxBytes });
        expect(batches.flat()).to.deep.equal(given);
        const bytesOf = (batch: readonly { readonly size: number }[]) => batch.reduce((sum, { size }) => sum + size, 0);
        for (const [index, batch] of batches.entries()) {
          expect(batch.length).to.be.within(1, maxFiles);
          if (batch.length > 1) expect(bytesOf(batch)).to.be.at.most(maxBytes);
          const [next] = batches[index + 1] ?? [];
          if (next === undefined) continue;
          expect(batch.length === maxFiles || bytesOf(batch) + next.size > maxBytes).to.equal(true);
        }
      }),
    );
  });
});

describe("Names of executions", () => {
  const name = executionName({ bucket: "b", key: "incoming/a-very-long-name.csv", sequencer: "1" });

  it("are the files' own at first, and tell the generation of a replay within 80 characters", () => {
    expect(fileExecutionName({ name, generation: 0 })).to.equal(name);
    for (const generation of [1, 12, 1234]) {
      const replayed = fileExecutionName({ name, generation });
      expect(replayed)
        .to.match(/^r\d+-a-very[a-z-]*-[0-9a-f]{64}$/)
        .and.have.length.at.most(80);
      expect(replayed.startsWith(`r${generation}-`)).to.equal(true);
    }
  });

  it("are the same for the same files of a batch, whatever their order, and others for others", () => {
    const a = { name: "a", generation: 0 };
    const b = { name: "b", generation: 1 };
    expect(batchExecutionName([a, b]))
      .to.equal(batchExecutionName([b, a]))
      .and.match(/^batch-[0-9a-f]{64}$/);
    const others = [[a], [b], [a, { ...b, generation: 2 }], [{ ...a, name: "ab" }]].map(batchExecutionName);
    expect(new Set([...others, batchExecutionName([a, b])]).size).to.equal(5);
  });
});

describe("readArrival", () => {
  const file = { bucket: "landing", key: "a b.csv", versionId: "v1", size: 3, sequencer: "0A" };
  const name = executionName(file);

  it("reads the objects of a notification, whatever else is in it", () => {
    const Records = [s3Record({ key: "a+b.csv", size: 3, sequencer: "0A" }), { eventName: "ObjectCreated:Put" }];
    const { files, problems } = readArrival(JSON.stringify({ Records }));
    expect(files).to.deep.equal([{ name, generation: 0, file }]);
    expect(problems).to.deep.equal(["Records[1].s3 must be an object, got nothing"]);
    expect(readArrival('{"Event":"s3:TestEvent"}')).to.deep.equal({ files: [], problems: [] });
  });

  it("reads replays, and names what is wrong with others", () => {
    const Replay = [
      { name, file, generation: 2 },
      { name: "other", file, generation: 2 },
      { name, generation: 1 },
    ];
    const { files, problems } = readArrival(JSON.stringify({ Replay }));
    expect(files).to.deep.equal([{ name, file, generation: 2 }]);
    expect(problems).to.have.length(2);
    expect(problems[0]).to.match(/^What is replayed must be .*, got \{"name":"other"/);
    for (const generation of [-1, 1.5, "1"]) {
      expect(readArrival(JSON.stringify({ Replay: [{ name, file, generation }] })).problems).to.have.length(1);
    }
    expect(readArrival('{"Replay": 1}').problems).to.deep.equal(["Replay must be a list, got 1"]);
  });

  it("says what is no JSON", () => {
    expect(readArrival("{").problems).to.deep.equal(["The message must be JSON, got {"]);
  });
});

describe("An item of the ledger", () => {
  it("tells all that an entry has", () => {
    const file = { bucket: "b", key: "k", versionId: "null", size: 1, sequencer: "" };
    const least: FileEntry = { name: "n", file, state: "waiting", generation: 0, arrivedAt: 1 };
    const most: Required<FileEntry> = {
      ...least,
      ...{
        executionName: "e",
        startedAt: 2,
        endedAt: 3,
        attempts: 4,
        jobRunId: "jr",
        rowsIn: 8,
        rowsWritten: 0,
        rowsRejected: 6,
      },
      ...{ output: { bucket: "o", prefix: "p/" }, reason: "r", error: "E", cause: "c" },
    };
    for (const entry of [least, most]) expect(fileEntryOf(itemOf(entry))).to.deep.equal(entry);
    expect(() => fileEntryOf({ Partition: { S: "n" } })).to.throw("must have a text Bucket");
  });
});

describe("readOutcomeMessage", () => {
  it("tells reminders from results, and refuses the rest", () => {
    expect(readOutcomeMessage('{"Remind":"e","Turn":2}')).to.deep.equal({
      kind: "reminder",
      reminder: { Remind: "e", Turn: 2 },
    });
    const told = { outcome: "failed", executionName: "e", error: "E", cause: "c".repeat(9000), jobRunId: "jr" };
    const message = readOutcomeMessage(JSON.stringify(told));
    expect(message).to.deep.equal({
      kind: "result",
      result: { executionName: "e", ending: { state: "failed", jobRunId: "jr", error: "E", cause: "c".repeat(8000) } },
    });
    for (const body of ["[]", "{}", '{"outcome":"failed"}', '{"outcome":"odd","executionName":"e"}']) {
      expect(() => readOutcomeMessage(body)).to.throw("must be a result");
    }
  });
});
