import { expect } from "chai";
import { batchOf, dieAt, s3Error, sorted, table, written } from "./batch.ts";
import { failureOf } from "./failure.ts";

describe("process-csv stand-in with a manifest", () => {
  it("gives each file an output of its own, a line with its outcome, and all of them a summary", async () => {
    const { s3, run, outcomes } = batchOf({ "a-1": { content: "id,n\n1,x\n2\n" }, "b-2": { content: "v\n7\n8\n" } });
    const summary = await run();
    expect(written(s3)).to.deep.equal([
      "out/processed/execution=batch-1/file=a-1/part-00000.parquet",
      "out/processed/execution=batch-1/file=b-2/part-00000.parquet",
      "out/rejected/execution=batch-1/file=a-1/rejected.csv",
      "out/summary/execution=batch-1/files.jsonl",
      "out/summary/execution=batch-1/summary.json",
    ]);
    expect((await table(s3, "a-1")).rows).to.deep.equal([["1", "x"]]);
    expect((await table(s3, "b-2")).rows).to.deep.equal([["7"], ["8"]]);
    const output = (name: string): object => ({ bucket: "out", prefix: `processed/execution=batch-1/file=${name}/` });
    expect(outcomes()).to.deep.equal([
      { name: "a-1", outcome: "succeeded", output: output("a-1"), rowsIn: 2, rowsWritten: 1, rowsRejected: 1 },
      { name: "b-2", outcome: "succeeded", output: output("b-2"), rowsIn: 2, rowsWritten: 2, rowsRejected: 0 },
    ]);
    const parts = [...s3.objects].filter(([name]) => name.endsWith(".parquet")).map(([, content]) => content.length);
    expect(summary).to.deep.equal({
      rowsIn: 4,
      rowsWritten: 3,
      rowsRejected: 1,
      bytesIn: 17,
      bytesOut: parts.reduce((sum, each) => sum + each, 0),
      filesIn: 2,
      filesSucceeded: 2,
      filesFailed: 0,
    });
    expect(s3.text("out/summary/execution=batch-1/summary.json")).to.equal(JSON.stringify(summary));
  });

  it("fails a file that cannot be read alone, with its error and cause", async () => {
    const { s3, run, outcomes } = batchOf({
      good: { content: "id\n1\n" },
      empty: { content: "" },
      latin: { content: Buffer.from("id\né\n", "latin1") },
      columns: { content: "other\n1\n" },
      gone: {},
      denied: { content: "id\n1\n" },
      last: { content: "id\n2\n" },
    });
    s3.refused.set("in/denied.csv", s3Error("AccessDenied", "Access Denied"));
    const summary = await run({ "--column_types": '{"id":"bigint"}' });
    expect(outcomes().map(({ name, outcome, error, cause }) => [name, outcome, error, cause])).to.deep.equal([
      ["good", "succeeded", undefined, undefined],
      ["empty", "failed", "UnreadableFileError", "the file is empty"],
      ["latin", "failed", "UnreadableFileError", "the file is not UTF-8 text: bad byte at offset 3"],
      ["columns", "failed", "UnreadableFileError", '--column_types names the column "id", the file has: "other"'],
      ["gone", "failed", "NoSuchKey", "no landing/in/gone.csv"],
      ["denied", "failed", "AccessDenied", "Access Denied"],
      ["last", "succeeded", undefined, undefined],
    ]);
    expect(summary).to.include({ rowsIn: 2, bytesIn: 10, filesIn: 7, filesSucceeded: 2, filesFailed: 5 });
    expect(written(s3).filter((name) => /file=(?!good|last)/.test(name))).to.deep.equal([]);
  });

  it("succeeds where all files are to blame for their failures", async () => {
    const { run } = batchOf({ a: { content: "" }, b: {} });
    expect(await run()).to.include({ rowsIn: 0, filesIn: 2, filesSucceeded: 0, filesFailed: 2 });
  });

  it("fails where all files fail and none is to blame, so that the run is tried again", async () => {
    const { s3, run } = batchOf({ a: { content: "id\n1\n" }, b: { content: "id\n2\n" } });
    for (const key of ["in/a.csv", "in/b.csv"])
      s3.refused.set(key, s3Error("SlowDown", "Please reduce your request rate."));
    const failure = await failureOf(run());
    expect([failure.name, failure.message]).to.deep.equal([
      "BatchFailedError",
      "all 2 files failed, which is not the fault of any; s3://landing/in/a.csv: SlowDown: Please reduce your request rate.",
    ]);
    expect(written(s3)).to.deep.equal([]);
    s3.refused.clear();
    expect(await run()).to.include({ filesSucceeded: 2 });
  });

  it("replaces all that an earlier run of its execution left, and trusts none of it", async () => {
    const { s3, run, outcomes } = batchOf({ a: { content: "id\n1\n2,3\n" }, b: { content: "id\n2\n" } });
    const first = await run();
    const alone = new Map(s3.objects);
    s3.objects.set("out/processed/execution=batch-1/file=old/part-7.parquet", Buffer.from("old"));
    s3.objects.set("out/processed/execution=batch-2/file=a/part-7.parquet", Buffer.from("another's"));
    expect(await run()).to.deep.equal(first);
    s3.objects.delete("out/processed/execution=batch-2/file=a/part-7.parquet");
    expect(new Map([...s3.objects].sort())).to.deep.equal(new Map([...alone].sort()));

    s3.objects.delete("landing/in/a.csv");
    await run();
    expect(outcomes().map(({ outcome }) => outcome)).to.deep.equal(["failed", "succeeded"]);
    expect(written(s3).filter((name) => name.includes("file=a/"))).to.deep.equal([]);
  });

  it("says nothing of its files while a further run is at work, or where that fails", async () => {
    const { s3, run } = batchOf({ a: { content: "id\n1\n" } });
    await run();
    s3.refused.set("in/a.csv", s3Error("AccessDenied", "Access Denied"));
    await failureOf(run());
    expect(written(s3)).to.deep.equal(["out/processed/execution=batch-1/file=a/part-00000.parquet"]);
  });

  it("keeps no part of a file whose output could not be written whole", async () => {
    const { s3, run, outcomes } = batchOf({ a: { content: "id\n1\n2,3\n" }, b: { content: "id\n2\n" } });
    const put = s3.putObject.bind(s3);
    s3.putObject = (input) =>
      input.Key.endsWith("rejected.csv") ? Promise.reject(s3Error("InternalError", "Try again")) : put(input);
    await run();
    expect(outcomes().map(({ outcome, error }) => [outcome, error])).to.deep.equal([
      ["failed", "InternalError"],
      ["succeeded", undefined],
    ]);
    expect(written(s3).filter((name) => name.includes("file=a/"))).to.deep.equal([]);
  });

  it("never claims what is not there, at whatever call a run dies, and the next one leaves what a single one would", async () => {
    const files = { a: { content: "id\n1\n2,3\n" }, b: { content: "" }, c: { content: "id\n4\n" } };
    const untouched = batchOf(files);
    await untouched.run();
    const expected = sorted(untouched.s3.objects);
    let calls = 1;
    for (let isWhole = false; !isWhole; calls++) {
      const { s3, run, outcomes } = batchOf(files);
      await run();
      const revive = dieAt(s3, calls);
      isWhole = await run().then(
        () => true,
        () => false,
      );
      revive();
      const output = new Set(written(s3).flatMap((name) => /\/processed\/.*file=(\w+)/.exec(name)?.[1] ?? []));
      const claimed = outcomes().filter(({ outcome }) => outcome === "succeeded");
      expect(
        claimed.every(({ name }) => output.has(name)),
        `dead at call ${calls}`,
      ).to.equal(true);
      await run();
      expect(sorted(s3.objects), `dead at call ${calls}`).to.deep.equal(expected);
    }
    expect(calls).to.be.above(15);
  });

  it("takes two versions of one key, and keys as they are", async () => {
    const key = "in/100%25 +é '{x}*[y]?.csv";
    const { s3, run } = batchOf({
      old: { content: "id\n1\n", key, versionId: "v1" },
      new: { content: "id\n2\n", key, versionId: "v2" },
      plain: { content: "id\n3\n", key },
    });
    expect(await run()).to.include({ filesSucceeded: 3 });
    const tables = await Promise.all(["old", "new", "plain"].map((name) => table(s3, name)));
    expect(tables.map(({ rows }) => rows)).to.deep.equal([[["1"]], [["2"]], [["3"]]]);
  });

  it("reads a thousand files a few at a time, and large ones alone", async () => {
    const small = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f-${n}`, { content: `id\n${n}\n` }]));
    const large = `id\n${"1234567\n".repeat(1_000)}`;
    const { s3, run } = batchOf({
      ...small,
      one: { content: large, size: 30 * 1_048_576 },
      two: { content: large, size: 40 * 1_048_576 },
      three: { content: large, size: 3 * 1_048_576 },
    });
    expect(await run()).to.include({ filesSucceeded: 1003, rowsIn: 4000 });
    expect(s3.mostAtOnce).to.be.within(2, 16);
    expect(s3.mostBytesAtOnce).to.be.below(2 * large.length);
  });

  it("fails a file with a record of more than 32 MiB, which would take the memory of the others", async () => {
    const open = `id,t\n1,x\n2,"${"never closed, ".repeat(2_600_000)}`;
    const { run, outcomes } = batchOf({ open: { content: open }, good: { content: 'id,t\n1,"fine\n"\n' } });
    await run();
    expect(outcomes()[0]).to.deep.equal({
      name: "open",
      outcome: "failed",
      error: "UnreadableFileError",
      cause: "the record that starts on line 3 is longer than 33554432 bytes",
    });
    expect(outcomes()[1]).to.include({ outcome: "succeeded", rowsWritten: 1 });
  });

  it("shortens causes, which go into messages", async () => {
    const columns = Array.from({ length: 2000 }, (_, n) => `😀${n}`).join(",");
    const { run, outcomes } = batchOf({ wide: { content: `${columns}\n` }, good: { content: "id\n" } });
    await run({ "--column_types": '{"id":"bigint"}' });
    expect(Array.from(outcomes()[0]?.cause ?? "")).to.have.length(2000);
  });

  it("fails where its manifest cannot be read, and leaves everything as it was", async () => {
    const { s3, run } = batchOf({ a: { content: "id\n1\n" } });
    await run();
    const before = new Map(s3.objects);
    expect((await failureOf(run({ "--manifest": "manifests/x.json" }))).name).to.equal("ManifestError");
    expect((await failureOf(run({ "--manifest": "s3://out/manifests/x.json" }))).name).to.equal("NoSuchKey");
    expect(s3.objects).to.deep.equal(before);
  });
});
