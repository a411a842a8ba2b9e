import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { expect } from "chai";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { S3 } from "../../../functions/lib/aws.ts";
import type { FileOutcome } from "../../../functions/lib/queued/manifest.ts";
import { createHandler } from "../../../functions/stand-ins/process-csv.ts";
import { Buckets } from "../../functions/stand-ins/buckets.ts";
import { batches, type Batch, type Stored } from "./batches.ts";
import { countsIn, processFiles, readIfThere, resultOf, tableIn, type Result } from "./process-files.ts";

const MANIFEST = "output/manifests/batch.json";

/** S3 that answers with errors where it is told to. */
class RefusingBuckets extends Buckets {
  readonly refusals = new Map<string, Error>();

  override getObject(input: Parameters<S3["getObject"]>[0]): ReturnType<S3["getObject"]> {
    const refusal = this.refusals.get(placeOf(input.Bucket, input.Key, input.VersionId));
    return refusal === undefined ? super.getObject(input) : Promise.reject(refusal);
  }
}

describe("the script of process-csv and its stand-in, given a manifest", function () {
  this.timeout(900_000);

  let folder: string;
  let duckDb: DuckDBConnection;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-batches-"));
    duckDb = await (await DuckDBInstance.create(":memory:")).connect();
    for (const batch of batches) writeBatch(batch, join(folder, batch.name));
    await processFiles(folder);
  });

  after(() => {
    duckDb.closeSync();
    rmSync(folder, { recursive: true });
  });

  for (const batch of batches) {
    it(`agree about a batch ${batch.name.replaceAll("-", " ")}`, async () => {
      const own = join(folder, batch.name);
      const script = JSON.parse(readFileSync(join(own, "result.json"), "utf8")) as Result;
      const standIn = await runStandIn(batch, join(own, "stand-in"));
      expect(standIn.error).to.deep.equal(script.error);
      expect(countsIn(standIn)).to.deep.equal(countsIn(script));
      const [ours, theirs] = [filesBelow(join(own, "stand-in")), filesBelow(join(own, "output"))];
      expect(ours).to.deep.equal(theirs);
      if (script.error !== undefined) return;
      const outcomes = outcomesIn(own);
      expect(outcomes.map(({ name }) => name)).to.deep.equal(batch.files.map(({ name }) => name));
      expect(outcomes.filter(({ outcome }) => outcome === "succeeded")).to.have.length(
        script.summary?.filesSucceeded ?? -1,
      );
      await compareTables(duckDb, own);
    });
  }
});

/** What is stored, in the form that process_files.py reads. */
function writeBatch(batch: Batch, folder: string): void {
  mkdirSync(join(folder, "objects"), { recursive: true });
  const index = [...objectsOf(batch)].map(([place, stored], number) => {
    if (!(stored instanceof Uint8Array)) return [place, stored];
    writeFileSync(join(folder, "objects", String(number)), stored);
    return [place, String(number)];
  });
  writeFileSync(join(folder, "objects.json"), JSON.stringify(index));
  writeFileSync(join(folder, "types.json"), JSON.stringify(batch.types ?? {}));
  for (const [key, content] of Object.entries(batch.left ?? {})) writeBelow(join(folder, "output"), key, content);
}

function objectsOf({ files, manifest }: Batch): ReadonlyMap<string, Stored> {
  const listed = files.map(({ name, key, versionId = "null", stored }) => {
    const size = stored instanceof Uint8Array ? stored.length : 100;
    return { name, bucket: "landing", key, versionId, size, sequencer: "1", generation: 0 };
  });
  const objects = new Map<string, Stored>([[MANIFEST, Buffer.from(manifest ?? JSON.stringify({ files: listed }))]]);
  for (const { key, versionId, stored } of files) {
    if (stored !== undefined) objects.set(placeOf("landing", key, versionId), stored);
  }
  return objects;
}

const placeOf = (bucket: string, key: string, version: string | undefined): string =>
  `${bucket}/${key}${version === undefined ? "" : `@${version}`}`;

async function runStandIn(batch: Batch, folder: string): Promise<Result> {
  const s3 = new RefusingBuckets(65_536, 1000);
  for (const [place, stored] of objectsOf(batch)) {
    if (stored instanceof Uint8Array) s3.objects.set(place, stored);
    else s3.refusals.set(place, Object.assign(new Error(stored.message), { name: stored.name }));
  }
  for (const [key, content] of Object.entries(batch.left ?? {})) s3.objects.set(`output/${key}`, Buffer.from(content));
  const handler = createHandler({ s3, log: () => undefined });
  const event = {
    JobName: "job",
    JobRunId: "jr_1",
    Arguments: {
      "--bucket": "output",
      "--key": "manifests/batch.json",
      "--manifest": `s3://${MANIFEST}`,
      "--output_bucket": "output",
      "--execution_name": "test",
      ...(batch.types !== undefined && { "--column_types": JSON.stringify(batch.types) }),
    },
  };
  const result = await resultOf(handler(event, { awsRequestId: "r" }));
  for (const [name, content] of s3.objects) {
    if (name.startsWith("output/") && name !== MANIFEST) writeBelow(folder, name.slice("output/".length), content);
  }
  return result;
}

function writeBelow(folder: string, key: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, key)), { recursive: true });
  writeFileSync(join(folder, key), content);
}

/** What was written, by path: the text of what is text; of tables, that they are there. */
function filesBelow(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(_SUCCESS|\..*\.crc)$/.test(entry.name))
    .map((entry): readonly [string, string] => {
      const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
      if (path.endsWith(".parquet")) return [path.replace(/[^/]*$/, "table"), ""];
      return [path, path.endsWith("summary.json") ? "" : (readIfThere(join(folder, path)) ?? "")];
    });
  expect(new Set(files.map(([path]) => path)).size, "one part each").to.equal(files.length);
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const outcomesIn = (own: string): readonly FileOutcome[] =>
  (readIfThere(join(own, "output", "summary", "execution=test", "files.jsonl")) ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FileOutcome);

/** Columns, rows and their order, of each file. */
async function compareTables(duckDb: DuckDBConnection, own: string): Promise<void> {
  for (const { name, output, rowsWritten } of outcomesIn(own)) {
    if (output === undefined) continue;
    const [ours, theirs] = await Promise.all(
      ["stand-in", "output"].map((side) => tableIn(duckDb, join(own, side, output.prefix, "*.parquet"))),
    );
    expect(ours?.columns, name).to.deep.equal(theirs?.columns);
    expect(ours?.rows, name).to.deep.equal(theirs?.rows);
    expect(theirs?.rows, name).to.have.length(rowsWritten ?? -1);
  }
}
