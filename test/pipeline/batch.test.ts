import { expect } from "chai";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { fileEntryOf, fileFilter, type Item } from "../../functions/lib/queued/ledger-items.ts";
import { outcomesKey, type FileOutcome } from "../../functions/lib/queued/manifest.ts";
import type { Cloud } from "../../local/cloud.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { cloudOf, jobRunsIn, messagesIn, notificationsIn, type PipelineRun } from "../support/pipeline.ts";
import { readParquet } from "../functions/stand-ins/parquet-reader.ts";
import { readObject } from "../../functions/lib/s3-folder.ts";
import { graphOf } from "../support/stacks.ts";

const batchConfig = { dispatch: "batch", simulatedFailureRate: "0" };

interface Landed {
  readonly key: string;
  readonly body: string | Uint8Array;
}

interface BatchRun extends Pick<PipelineRun, "cloud" | "events"> {
  readonly ledger: readonly FileEntry[];
  /** How each file ended, by key and version's place among those of its key. */
  readonly states: readonly (readonly [key: string, state: string, error?: string])[];
}

/** Lets files land, then what else is to happen before their batch is made, then all that follows. */
async function runBatch(
  graph: ResourceGraph,
  files: readonly Landed[],
  meanwhile: (cloud: Cloud, versions: readonly string[]) => Promise<void> = () => Promise.resolve(),
): Promise<BatchRun> {
  const { cloud, events } = await cloudOf(graph);
  const versions: string[] = [];
  for (const { key, body } of files) {
    const Key = `incoming/${key}`;
    const put = { Bucket: landingOf(graph), Key, Body: Buffer.from(body) };
    const { VersionId = "null" } = await cloud.asUser.putObject(put);
    versions.push(VersionId);
  }
  await meanwhile(cloud, versions);
  await cloud.settle();
  const ledger = await entriesIn(cloud, graph);
  const states = versions.map((version, index) => {
    const { state, error } = entryOf(ledger, version);
    const key = files[index]?.key ?? "";
    return error === undefined ? ([key, state] as const) : ([key, state, error] as const);
  });
  return { cloud, events, ledger, states };
}

const landingOf = (graph: ResourceGraph): string => String(graph.outputs.landingBucket);

async function entriesIn(cloud: Cloud, graph: ResourceGraph): Promise<readonly FileEntry[]> {
  const input = { TableName: String(graph.outputs.ledgerTable), ...fileFilter() };
  const { Items, LastEvaluatedKey } = (await cloud.asUser.call("dynamodb", "scan", input)) as {
    readonly Items: readonly Item[];
    readonly LastEvaluatedKey?: unknown;
  };
  expect(LastEvaluatedKey, "one page").to.equal(undefined);
  return Items.map(fileEntryOf);
}

/** The one entry of an object version. */
function entryOf(ledger: readonly FileEntry[], version: string): FileEntry {
  const [entry, ...others] = ledger.filter(({ file }) => file.versionId === version);
  if (entry === undefined || others.length > 0) throw new Error(`not one entry of version ${version}`);
  return entry;
}

/** What the executions' jobs have told of their files. */
async function outcomesOf({ cloud, ledger }: BatchRun, graph: ResourceGraph): Promise<readonly FileOutcome[]> {
  const executions = [...new Set(ledger.flatMap(({ executionName }) => executionName ?? []))];
  const texts = await Promise.all(
    executions.map((name) =>
      readObject(cloud.asUser, { Bucket: String(graph.outputs.outputBucket), Key: outcomesKey(name) }),
    ),
  );
  return texts.flatMap((text) =>
    Buffer.from(text)
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as FileOutcome),
  );
}

const failuresOf = (cloud: Cloud): readonly Readonly<Record<string, unknown>>[] =>
  messagesIn(cloud, "failures") as readonly Readonly<Record<string, unknown>>[];

const mixed: readonly Landed[] = [
  ...Array.from({ length: 30 }, (_, n) => ({ key: `good-${n}.csv`, body: `id,n\n${n},x\n${n}\n` })),
  { key: "same.csv", body: "id\nfirst\n" },
  { key: "poisoned.csv", body: Buffer.from("id,n\n\xe9,1\n", "latin1") },
  { key: "open quote.csv", body: 'id,n\n1,"2\n' },
  { key: "same.csv", body: "id\nsecond\nof two\n" },
  { key: "two+names/100% é.csv", body: "id,ID\n1,2\n" },
  { key: "empty.csv", body: "" },
];

describe("A batch", () => {
  it("has every file's outcome in the ledger, and each file that failed in the failure queue, once", async () => {
    const graph = await graphOf("local", { ...batchConfig, security: "true" });
    const run = await runBatch(graph, mixed);
    expect(run.states).to.deep.equal(
      mixed.map(({ key }) => {
        if (["poisoned.csv", "open quote.csv", "two+names/100% é.csv"].includes(key)) {
          return [key, "failed", "UnreadableFileError"];
        }
        return [key, key === "empty.csv" ? "rejected" : "succeeded"];
      }),
    );
    expect(jobRunsIn(run.events).map(({ JobRunState }) => JobRunState)).to.deep.equal(["SUCCEEDED"]);
    const failed = run.ledger.filter(({ state }) => state === "failed");
    const letters = failuresOf(run.cloud);
    expect(letters.map(({ name }) => name)).to.have.members(failed.map(({ name }) => name));
    expect(letters.map(({ cause }) => cause)).to.have.members([
      "the file is not UTF-8 text: bad byte at offset 5",
      "a quote in the record that starts on line 2 is never closed",
      'line 1: columns 1 and 2 of the header have the same name (case is ignored): "ID"',
    ]);

    const succeeded = run.ledger.filter(({ state }) => state === "succeeded");
    for (const { file, output, rowsWritten, rowsRejected } of succeeded) {
      const isGood = file.key.startsWith("incoming/good-");
      expect([rowsWritten, rowsRejected]).to.deep.equal(isGood ? [1, 1] : [file.size > 12 ? 2 : 1, 0]);
      const Key = `${output?.prefix ?? ""}part-00000.parquet`;
      const { rows } = await readParquet(await readObject(run.cloud.asUser, { Bucket: output?.bucket ?? "", Key }));
      expect(rows).to.have.length(rowsWritten ?? -1);
    }
    expect(new Set(succeeded.map(({ output }) => output?.prefix)).size).to.equal(succeeded.length);
  });

  it("leaves one outcome for each file where its first run fails", async () => {
    const scenarios = { simulatedScenarios: '[{"match":"*","attempts":[1],"Return":{"JobRunState":"FAILED"}}]' };
    const graph = await graphOf("local", { ...batchConfig, ...scenarios });
    const run = await runBatch(graph, mixed);
    expect(jobRunsIn(run.events).map(({ JobRunState }) => JobRunState)).to.deep.equal(["FAILED", "SUCCEEDED"]);
    const plain = await runBatch(await graphOf("local", batchConfig), mixed);
    expect(run.states).to.deep.equal(plain.states);
    expect(run.ledger.filter(({ state }) => state === "succeeded").map(({ attempts }) => attempts)).to.satisfy(
      (attempts: readonly number[]) => attempts.every((count) => count === 2),
    );
    const told = (await outcomesOf(run, graph)).map(({ name }) => name);
    const taken = run.ledger.filter(({ state }) => state !== "rejected").map(({ name }) => name);
    expect(told).to.have.length(taken.length);
    expect(told).to.have.members(taken);
    expect(failuresOf(run.cloud)).to.have.length(3);
  });

  for (const stack of ["local", "prod"]) {
    it(`fails files alone that are gone by the time they are read, and does not run again for them, on the ${stack} stack`, async () => {
      const graph = await graphOf(stack, batchConfig);
      const files = ["a", "b", "c"].map((name) => ({ key: `${name}.csv`, body: "id\n1\n" }));
      const deleted =
        (gone: readonly number[]) =>
        async ({ asUser }: Cloud, versions: readonly string[]) => {
          for (const index of gone) {
            const Key = `incoming/${files[index]?.key ?? ""}`;
            await asUser.call("s3", "deleteObject", { Bucket: landingOf(graph), Key, VersionId: versions[index] });
          }
        };
      const one = await runBatch(graph, files, deleted([1]));
      expect(one.states).to.deep.equal([
        ["a.csv", "succeeded"],
        ["b.csv", "failed", "NoSuchVersion"],
        ["c.csv", "succeeded"],
      ]);
      expect(failuresOf(one.cloud)).to.have.length(1);
      const all = await runBatch(graph, files, deleted([0, 1, 2]));
      expect(all.states.map(([, state, error]) => [state, error])).to.deep.equal(
        files.map(() => ["failed", "NoSuchVersion"]),
      );
      expect(jobRunsIn(all.events)).to.have.length(1);
    });
  }

  it("fails all its files where its last run fails, with the run's error", async () => {
    const scenarios = { simulatedScenarios: '[{"match":"*","Return":{"JobRunState":"FAILED"}}]', maxAttempts: "2" };
    const graph = await graphOf("local", { ...batchConfig, ...scenarios });
    const files = ["a", "b"].map((name) => ({ key: `${name}.csv`, body: "id\n1\n" }));
    const { states, cloud, events } = await runBatch(graph, files);
    expect(jobRunsIn(events)).to.have.length(2);
    expect(states).to.deep.equal([
      ["a.csv", "failed", "JobRun.FAILED"],
      ["b.csv", "failed", "JobRun.FAILED"],
    ]);
    expect(failuresOf(cloud)).to.have.length(1);
    expect(notificationsIn(cloud).map(({ outcome }) => outcome)).to.include("failed");
  });

  it("takes as many executions as there are files to a batch, and has the same history each time", async () => {
    const graph = await graphOf("local", { ...batchConfig, batchMaxFiles: "8" });
    const first = await runBatch(graph, mixed);
    const sizes = new Map<string, number>();
    for (const { executionName } of first.ledger) {
      if (executionName !== undefined) sizes.set(executionName, (sizes.get(executionName) ?? 0) + 1);
    }
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).to.equal(mixed.length - 1);
    expect(sizes.size).to.be.at.least(5);
    expect(Math.max(...sizes.values())).to.be.at.most(8);
    const second = await runBatch(graph, mixed);
    expect(second.events).to.deep.equal(first.events);
  });
});
