import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { expect } from "chai";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHandler } from "../../../functions/stand-ins/process-csv.ts";
import { Buckets } from "../../functions/stand-ins/buckets.ts";
import { awkwardFiles, largeFile, type AwkwardFile } from "./awkward-files.ts";
import { countsIn, processFiles, readIfThere, resultOf, tableIn, type Result } from "./process-files.ts";

describe("the script of process-csv and its stand-in", function () {
  this.timeout(900_000);

  let folder: string;
  let duckDb: DuckDBConnection;

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-agreement-"));
    duckDb = await (await DuckDBInstance.create(":memory:")).connect();
    for (const file of [...awkwardFiles, largeFile()]) {
      const own = join(folder, file.name);
      mkdirSync(own);
      writeFileSync(join(own, "input.csv"), file.content);
      writeFileSync(join(own, "types.json"), JSON.stringify(file.types ?? {}));
    }
    await processFiles(folder);
  });

  after(() => {
    duckDb.closeSync();
    rmSync(folder, { recursive: true });
  });

  it("are compared on forty files and more", () => {
    expect(awkwardFiles.length).to.be.at.least(40);
    expect(new Set(awkwardFiles.map(({ name }) => name)).size).to.equal(awkwardFiles.length);
  });

  for (const file of awkwardFiles) {
    const what = file.isReadable ? "rows, rejected rows and summary" : "error";
    it(`agree about ${file.name}: the same ${what}`, async () => {
      const { script, standIn } = await bothResults(file);
      if (!file.isReadable) {
        expect(script.error, "what the script says").to.not.equal(undefined);
        expect(standIn.error).to.deep.equal(script.error);
        expect(existsSync(join(folder, file.name, "output")), "an unreadable file gives no output").to.equal(false);
        return;
      }
      expect(standIn.error).to.equal(undefined);
      expect(countsIn(standIn)).to.deep.equal(countsIn(script));
      expect(readIfThere(standInPath(file, rejected))).to.equal(readIfThere(scriptPath(file, rejected)));
      const [ours, theirs] = [
        await tableIn(duckDb, standInPath(file, table)),
        await tableIn(duckDb, scriptTable(file)),
      ];
      expect(ours.columns).to.deep.equal(theirs.columns);
      expect(ours.rows).to.deep.equal(theirs.rows);
    });
  }

  it("agree about a file of a hundred megabytes", async () => {
    const file = largeFile();
    const { script, standIn } = await bothResults(file);
    expect(standIn.error).to.equal(undefined);
    expect(script.summary?.rowsRejected).to.be.above(10_000);
    expect(countsIn(standIn)).to.deep.equal(countsIn(script));
    const [ours, theirs] = [readIfThere(standInPath(file, rejected)), readIfThere(scriptPath(file, rejected))];
    expect(ours === theirs, "the rejected rows are equal").to.equal(true);
    const numbered = (path: string): string => `SELECT * FROM read_parquet('${path}', file_row_number = true)`;
    const [mine, its] = [numbered(standInPath(file, table)), numbered(scriptTable(file))];
    for (const [left, right] of [
      [mine, its],
      [its, mine],
    ]) {
      const answer = await duckDb.runAndReadAll(`SELECT count(*) FROM (${left ?? ""} EXCEPT ALL ${right ?? ""})`);
      expect(answer.getRowsJS()).to.deep.equal([[0n]]);
    }
  });

  /** Runs the stand-in on the file; what it writes goes beside what the script has written. */
  async function bothResults(file: AwkwardFile): Promise<{ script: Result; standIn: Result }> {
    const own = join(folder, file.name);
    const script = JSON.parse(readFileSync(join(own, "result.json"), "utf8")) as Result;
    return { script, standIn: await runStandIn(file, join(own, "stand-in")) };
  }

  const rejected = "rejected/execution=test/rejected.csv";
  const table = "processed/execution=test/part-00000.parquet";
  const standInPath = (file: AwkwardFile, key: string): string => join(folder, file.name, "stand-in", key);
  const scriptPath = (file: AwkwardFile, key: string): string => join(folder, file.name, "output", key);
  const scriptTable = (file: AwkwardFile): string => {
    const parts = join(folder, file.name, "output", "processed", "execution=test");
    const names = readdirSync(parts).filter((name) => name.endsWith(".parquet"));
    expect(names, "one part").to.have.length(1);
    return join(parts, names[0] ?? "");
  };
});

async function runStandIn(file: AwkwardFile, folder: string): Promise<Result> {
  const s3 = new Buckets();
  s3.objects.set("landing/input.csv", file.content);
  const handler = createHandler({ s3, log: () => undefined });
  const event = {
    JobName: "job",
    JobRunId: "jr_1",
    Arguments: {
      "--bucket": "landing",
      "--key": "input.csv",
      "--output_bucket": "output",
      "--execution_name": "test",
      ...(file.types !== undefined && { "--column_types": JSON.stringify(file.types) }),
    },
  };
  const result = await resultOf(handler(event, { awsRequestId: "r" }));
  if (result.error !== undefined) return result;
  for (const [name, content] of s3.objects) {
    const path = join(folder, name.replace(/^output\//, ""));
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
  }
  return result;
}
