import { expect } from "chai";
import { readFileSync } from "node:fs";
import { manifestKey, outcomesKey, type FileOutcome } from "../../../functions/lib/queued/manifest.ts";
import { ScriptCloud } from "./script-cloud.ts";

const script = readFileSync(new URL("../../../scripts/process_csv.py", import.meta.url), "utf8");
const execution = "batch-1";
const key = manifestKey(execution);

describe("a batch on this machine, by the script itself", function () {
  this.timeout(600_000);

  let cloud: ScriptCloud;
  before(async () => {
    cloud = await ScriptCloud.of(script, { command: "glueetl" });
  });
  after(() => {
    cloud.remove();
  });

  const run = async (): Promise<readonly FileOutcome[]> => {
    const { JobRunState, ErrorMessage } = await cloud.run({
      "--bucket": "data",
      "--key": key,
      "--version_id": "null",
      "--output_bucket": "data",
      "--execution_name": execution,
      "--manifest": `s3://data/${key}`,
    });
    expect(JobRunState, ErrorMessage).to.equal("SUCCEEDED");
    const lines = (await cloud.text(outcomesKey(execution))).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as FileOutcome);
  };

  it("reads versions and odd keys as the job's role, and fails what is not there alone; a further run replaces it", async () => {
    const odd = "in/100%25 +é '{x}*.csv";
    const versions = [await cloud.put(odd, "a,b\n1,2\n3\n"), await cloud.put(odd, "a,b\n3,4\n5,6\n")];
    await cloud.put("in/plain.csv", "a,b\n7,8\n");
    await cloud.put("in/broken.csv", 'a,b\n1,"2\n');
    await cloud.put("in/kept-secret.csv", "a,b\n1,2\n", "secret");
    const file = (name: string, of: string, more: object = {}): object => {
      return { name, bucket: "data", key: of, versionId: "null", size: 10, sequencer: "1", generation: 0, ...more };
    };
    const files = [
      file("old", odd, { versionId: versions[0] }),
      file("new", odd, { versionId: versions[1] }),
      file("plain", "in/plain.csv"),
      file("broken", "in/broken.csv"),
      file("gone", "in/gone.csv"),
      file("secret", "in/kept-secret.csv", { bucket: "secret" }),
    ];
    await cloud.put(key, JSON.stringify({ files }));
    const expected = [
      ["old", "succeeded", 1, 1, undefined],
      ["new", "succeeded", 2, 0, undefined],
      ["plain", "succeeded", 1, 0, undefined],
      ["broken", "failed", undefined, undefined, "UnreadableFileError"],
      ["gone", "failed", undefined, undefined, "NoSuchKey"],
      ["secret", "failed", undefined, undefined, "AccessDenied"],
    ];
    const told = (outcomes: readonly FileOutcome[]): unknown =>
      outcomes.map(({ name, outcome, rowsWritten, rowsRejected, error }) => [
        name,
        outcome,
        rowsWritten,
        rowsRejected,
        error,
      ]);
    expect(told(await run())).to.deep.equal(expected);
    const first = await output();
    expect(first.map((path) => path.replace(/part-.*\.parquet$/, "part"))).to.deep.equal([
      "processed/execution=batch-1/file=new/part",
      "processed/execution=batch-1/file=old/part",
      "processed/execution=batch-1/file=plain/part",
      "rejected/execution=batch-1/file=old/rejected.csv",
      "summary/execution=batch-1/files.jsonl",
      "summary/execution=batch-1/summary.json",
    ]);

    await cloud.put("processed/execution=batch-1/file=gone/part-1.parquet", "left by an earlier run");
    expect(told(await run())).to.deep.equal(expected);
    const second = await output();
    expect(second).to.have.length(first.length);
    expect(second.some((path) => path.includes("file=gone"))).to.equal(false);
  });

  const output = async (): Promise<readonly string[]> =>
    (await cloud.keys()).filter((found) => /^(processed|rejected|summary)\//.test(found));
});
