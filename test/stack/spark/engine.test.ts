import { expect } from "chai";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../../cli/run/report.ts";
import { readParquet } from "../../functions/stand-ins/parquet-reader.ts";
import { runCli } from "../../support/cli.ts";
import { ScriptCloud } from "./script-cloud.ts";

const CSV = 'id,name\n1,"Ada, Countess"\n2,Grace\n3\n';

describe("npm start -- --engine spark", function () {
  this.timeout(300_000);

  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "engine-")));
    writeFileSync(join(folder, "orders.csv"), CSV);
    writeFileSync(join(folder, "broken.csv"), 'id,name\n1,"never closed\n');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const start = async (...args: string[]): Promise<{ code: number | null; report: Report }> => {
    const { code, stdout, stderr } = await runCli(["start", "--json", ...args], { cwd: folder });
    expect(stdout, stderr).to.match(/^\{/);
    return { code, report: JSON.parse(stdout) as Report };
  };

  for (const stack of ["local", "prod"]) {
    it(`runs the script itself on stack ${stack}, and gives what its stand-in gives`, async () => {
      const stood = await start("orders.csv", "--stack", stack, "--set", "simulatedFailureRate=0", "--out", "stood");
      const spark = await start("orders.csv", "--stack", stack, "--engine", "spark", "--out", "spark");
      expect(spark.code).to.equal(0);
      const [ours, theirs] = await Promise.all([spark, stood].map(({ report }) => outputOf(report)));
      expect(ours).to.deep.equal(theirs);
      const [run] = spark.report.executions[0]?.jobRuns ?? [];
      expect(run?.ExecutionTime).to.be.at.least(1);
      const logs = logsBelow(join(folder, "spark", ".glue"));
      expect(logs).to.have.length(1);
      expect(logs[0]).to.contain('{"rowsIn":3,"rowsWritten":2,"rowsRejected":1,');
    });
  }

  it("fails the run with the script's error, and tries again as the machine says", async () => {
    const set = ["maxAttempts=2", "retryIntervalSeconds=1"].flatMap((setting) => ["--set", setting]);
    const { code, report } = await start("broken.csv", "--engine", "spark", "--out", "failed", ...set);
    expect(code).to.equal(1);
    const message = "UnreadableFileError: a quote in the record that starts on line 2 is never closed";
    expect(report.files.map(({ outcome }) => outcome)).to.deep.equal(["failed"]);
    const runs = report.executions[0]?.jobRuns ?? [];
    expect(runs.map(({ JobRunState, ErrorMessage }) => [JobRunState, ErrorMessage])).to.deep.equal([
      ["FAILED", message],
      ["FAILED", message],
    ]);
    const logs = logsBelow(join(folder, "failed", ".glue"));
    expect(logs).to.have.length(2);
    for (const log of logs) expect(log).to.contain("Traceback (most recent call last)");
  });

  it("says at once what is missing", async () => {
    const { code, stderr } = await runCli(["start", "orders.csv", "--engine", "spark"], {
      cwd: folder,
      env: { PATH: folder, JAVA_HOME: "/nowhere" },
    });
    expect(code).to.equal(1);
    expect(stderr).to.match(/^npm start: Java 17 or 11 is needed, as JAVA_HOME or on PATH \(.*apt install openjdk-17/m);
  });
});

describe("Spark scripts on this machine", function () {
  this.timeout(300_000);

  const script = `
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "TempDir"])
context = GlueContext(SparkContext.getOrCreate())
job = Job(context)
job.init(args["JOB_NAME"], args)
assert context.spark_session.conf.get("spark.sql.shuffle.partitions") == "3"
frame = context.create_dynamic_frame.from_options(
    "s3", {"paths": ["s3://data/in/"]}, "json", transformation_ctx="orders"
)
print("read", frame.count())
if frame.count():
    context.write_dynamic_frame.from_options(frame, "s3", {"path": "s3://data/out/"}, "parquet")
assert context.spark_session.read.json("s3://data/in/").count() >= frame.count()
job.commit()
`;

  it("read and write buckets by s3:// paths, and read new objects only where there are bookmarks", async () => {
    const cloud = await ScriptCloud.of(script, {
      command: "glueetl",
      defaultArguments: {
        "--job-bookmark-option": "job-bookmark-enable",
        "--conf": "spark.sql.shuffle.partitions=3 --conf spark.sql.ansi.enabled=false",
      },
    });
    try {
      for (const [name, rows, read] of [
        ["a.json", '{"id":1}\n{"id":2}\n', 2],
        ["b.json", '{"id":3}\n', 1],
      ] as const) {
        await cloud.put(`in/${name}`, rows);
        const run = await cloud.run({ "--run": name });
        expect(run.JobRunState, run.ErrorMessage).to.equal("SUCCEEDED");
        expect(cloud.log).to.contain(`read ${read}\n`);
      }
      const written = (await cloud.keys()).filter((key) => key.startsWith("out/"));
      expect(
        written.every((key) => /^out\/part-[^/]*\.parquet$/.test(key)),
        written.join(),
      ).to.equal(true);
      expect(written.length).to.be.at.least(2);
    } finally {
      cloud.remove();
    }
  });

  it("fail as the role that may not write what they write", async () => {
    const cloud = await ScriptCloud.of(
      'from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().range(3).write.parquet("s3://data/out/")',
      { command: "glueetl", may: [{ Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }] },
    );
    try {
      const run = await cloud.run();
      expect(run.JobRunState).to.equal("FAILED");
      expect(run.ErrorMessage).to.match(
        /^AccessDenied: User: \S*role\/job\S* is not authorized to perform: s3:PutObject/,
      );
      expect(await cloud.keys()).to.deep.equal([]);
    } finally {
      cloud.remove();
    }
  });
});

/** What the pipeline has written, but for the names of the parts and their bytes. */
async function outputOf({ objects }: Report): Promise<unknown> {
  const found = await Promise.all(
    objects
      .filter(({ key }) => /^(processed|rejected|summary)\//.test(key))
      .map(async ({ key, path }) => {
        if (key.endsWith(".parquet")) return ["table", await readParquet(readFileSync(path))] as const;
        const text = readFileSync(path, "utf8");
        return [key, key.endsWith(".json") ? { ...(JSON.parse(text) as object), bytesOut: 0 } : text] as const;
      }),
  );
  expect(found.map(([name]) => name.replace(/\/.*\//, "/")).sort()).to.deep.equal([
    "rejected/rejected.csv",
    "summary/summary.json",
    "table",
  ]);
  return Object.fromEntries(found);
}

function logsBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("log.txt"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
