import { expect } from "chai";
import { RealClock } from "../../../local/clock.ts";
import { LocalScriptEngine } from "../../../local/engine/local-script-engine.ts";
import type { ScriptRun } from "../../../local/engine/script-run.ts";
import { toolsFor } from "../../../cli/run/script-engine.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScriptCloud, type ScriptCloudOptions } from "./script-cloud.ts";

describe("Python shell scripts on this machine", function () {
  this.timeout(180_000);

  let last: ScriptCloud | undefined;
  const cloudOf = async (script: string, options: ScriptCloudOptions = {}): Promise<ScriptCloud> =>
    (last = await ScriptCloud.of(script, options));
  afterEach(() => {
    last?.remove();
    last = undefined;
  });

  it("get the run's arguments as Glue gives them: fixed ones over the run's over the job's", async () => {
    const cloud = await cloudOf("import sys, json; print(json.dumps(sys.argv))", {
      defaultArguments: { "--a": "job", "--b": "job", "--enable-metrics": "true" },
      nonOverridableArguments: { "--c": "fixed" },
    });
    const run = await cloud.run({ "--b": "run", "--d": "-- x" });
    expect(run.JobRunState, run.ErrorMessage).to.equal("SUCCEEDED");
    const [script, ...args] = JSON.parse(cloud.log) as string[];
    expect(script).to.match(/\/script\.py$/);
    expect(args).to.deep.equal([
      ...["--JOB_NAME", "the-job", "--JOB_ID", "j_the-job", "--JOB_RUN_ID", run.Id],
      ...["--job-bookmark-option", "job-bookmark-disable"],
      ...["--a", "job", "--b", "run", "--d", "-- x", "--c", "fixed"],
    ]);
  });

  it("take as long on the virtual clock as they take on the wall's", async () => {
    const cloud = await cloudOf("import time; time.sleep(2.2)");
    const { ExecutionTime, StartedOn, CompletedOn } = await cloud.run();
    expect(ExecutionTime).to.be.within(2, 60);
    const seconds = ((CompletedOn?.getTime() ?? 0) - (StartedOn?.getTime() ?? 0)) / 1000;
    expect(seconds).to.be.within(1 + (ExecutionTime ?? 0), 2 + (ExecutionTime ?? 0));
  });

  it("fail with the last words of their traceback", async () => {
    for (const [script, message] of [
      ["class OddError(Exception): pass\nraise OddError('the file\\nis odd')", "OddError: the file\nis odd"],
      ["import sys; sys.exit(3)", "SystemExit: 3"],
      ["import sys; sys.exit('no more')", "SystemExit: no more"],
      ["1 / 0", "ZeroDivisionError: division by zero"],
      ["assert False", "AssertionError"],
      ["def", "SyntaxError: invalid syntax"],
      ["import os; os._exit(7)", "Command failed with exit code 7"],
      ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Command failed with exit code 137"],
    ] as const) {
      const cloud = await cloudOf(script);
      const run = await cloud.run();
      expect([run.JobRunState, run.ErrorMessage], script).to.deep.equal(["FAILED", message]);
      cloud.remove();
      last = undefined;
    }
  });

  it("succeed where they exit with nothing or with 0", async () => {
    const cloud = await cloudOf("import sys; sys.exit(0)");
    expect((await cloud.run()).JobRunState).to.equal("SUCCEEDED");
  });

  it("reach the buckets by the AWS SDK, whatever the key and however large the object", async () => {
    const cloud = await cloudOf(`
import boto3, io, json
s3 = boto3.client("s3")
key = "a b/ü+%20/../x&y"
first = s3.put_object(Bucket="data", Key=key, Body=b"one", ContentType="text/plain", Metadata={})["VersionId"]
s3.put_object(Bucket="data", Key=key, Body=b"two!")
assert s3.get_object(Bucket="data", Key=key, VersionId=first)["Body"].read() == b"one"
assert s3.get_object(Bucket="data", Key=key, Range="bytes=1-2")["Body"].read() == b"wo"
assert s3.head_object(Bucket="data", Key=key)["ContentLength"] == 4
large = bytes(range(256)) * 80_000
s3.upload_fileobj(io.BytesIO(large), "data", "large")
back = io.BytesIO()
s3.download_fileobj("data", "large", back)
assert back.getvalue() == large
s3.copy_object(Bucket="data", Key="copy", CopySource={"Bucket": "data", "Key": key})
for number in range(5):
    s3.put_object(Bucket="data", Key=f"many/{number}", Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="data", Prefix="many/", PaginationConfig={"PageSize": 2})
assert [entry["Key"] for page in pages for entry in page["Contents"]] == [f"many/{number}" for number in range(5)]
s3.delete_object(Bucket="data", Key="many/0")
s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": f"many/{number}"} for number in range(1, 5)]})
try:
    s3.get_object(Bucket="data", Key="gone")
    raise AssertionError
except s3.exceptions.NoSuchKey:
    pass
`);
    const run = await cloud.run();
    expect(run.JobRunState, run.ErrorMessage).to.equal("SUCCEEDED");
    expect(await cloud.keys()).to.deep.equal(["a b/ü+%20/../x&y", "copy", "large"]);
    expect(await cloud.text("copy")).to.equal("two!");
  });

  it("keep what describes an object, copy large ones, and are told what is not there", async () => {
    const cloud = await cloudOf(`
import boto3, botocore, io
s3 = boto3.client("s3")
large = bytes(range(256)) * 80_000
described = {"Metadata": {"who": "ada"}, "ContentType": "text/x"}
s3.upload_fileobj(io.BytesIO(large), "data", "large", ExtraArgs=described)
s3.put_object(Bucket="data", Key="small", Body=b"x", **described)
for key in ("large", "small"):
    head = s3.head_object(Bucket="data", Key=key)
    assert {name: head[name] for name in described} == described, head
s3.copy({"Bucket": "data", "Key": "large"}, "data", "copied")
assert s3.get_object(Bucket="data", Key="copied")["Body"].read() == large
for call in (s3.get_object_tagging, s3.delete_object_tagging, lambda **at: s3.put_object_tagging(**at, Tagging={"TagSet": []})):
    try:
        call(Bucket="data", Key="small")
        raise AssertionError("it was done")
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 501, error
assert s3.get_object(Bucket="data", Key="small")["Body"].read() == b"x"
`);
    const run = await cloud.run();
    expect(run.JobRunState, `${run.ErrorMessage ?? ""}\n${cloud.log}`).to.equal("SUCCEEDED");
  });

  it("may do what the job's role may, and nothing else", async () => {
    const may = [{ Action: "s3:PutObject", Resource: "arn:aws:s3:::data/out/*" }];
    const cloud = await cloudOf(
      `
import boto3, botocore
s3 = boto3.client("s3")
s3.put_object(Bucket="data", Key="out/x", Body=b"x")
for call in (
    lambda: s3.get_object(Bucket="secret", Key="x"),
    lambda: s3.put_object(Bucket="data", Key="elsewhere", Body=b"x"),
    lambda: s3.head_object(Bucket="data", Key="out/x"),
):
    try:
        call()
        raise AssertionError("it was allowed")
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
boto3.client("s3").put_object(Bucket="secret", Key="x", Body=b"x")
`,
      { may },
    );
    const run = await cloud.run();
    expect(run.JobRunState).to.equal("FAILED");
    expect(run.ErrorMessage).to.match(
      /^botocore\.\S+: .*\(AccessDenied\) when calling the PutObject operation: .*secret\/x/,
    );
    expect(await cloud.keys()).to.deep.equal(["out/x"]);
  });

  it("reach no other service, and nothing of the caller's own account", async () => {
    const secrets = { AWS_PROFILE: "somebody", PULUMI_ACCESS_TOKEN: "pul-1", GITHUB_TOKEN: "ghp-1" };
    Object.assign(process.env, secrets);
    try {
      const cloud = await cloudOf(`
import boto3, os
assert not {"AWS_PROFILE", "PULUMI_ACCESS_TOKEN", "GITHUB_TOKEN"} & set(os.environ)
boto3.client("sns").list_topics()
`);
      const run = await cloud.run();
      expect(run.JobRunState).to.equal("FAILED");
      expect(run.ErrorMessage).to.match(/\((NotImplemented|501)\) when calling the ListTopics operation/);
    } finally {
      for (const name of Object.keys(secrets)) Reflect.deleteProperty(process.env, name);
    }
  });

  it("profile a file as the pipeline's own profiling script does", async () => {
    const script = readFileSync(new URL("../../../scripts/profile_csv.py", import.meta.url), "utf8");
    const cloud = await cloudOf(script);
    await cloud.put("in/orders.csv", "id,name\n1,Ada\n2,\n");
    const run = await cloud.run({
      "--bucket": "data",
      "--key": "in/orders.csv",
      "--version_id": "null",
      "--output_bucket": "data",
      "--execution_name": "e-1",
      "--attempt": "1",
    });
    expect(run.JobRunState, run.ErrorMessage).to.equal("SUCCEEDED");
    const profile = JSON.parse(await cloud.text("profile/execution=e-1/profile.json")) as { rows: number };
    expect(profile).to.deep.include({ rows: 2, raggedRows: 0 });
    expect(await cloud.text("profile/execution=e-1/profile.md")).to.contain(
      "| name | string | 0.5 | 1 | Ada | Ada | 3 |",
    );
  });

  it("run beside the cloud on a real clock: a run is RUNNING until its script ends", async () => {
    const cloud = await cloudOf("import time; time.sleep(1)", { clock: new RealClock(() => Date.now()) });
    expect((await cloud.run()).JobRunState).to.equal("SUCCEEDED");
  });

  describe("when they are cut short", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "glue-pipeline-scripts-"));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const sleeper = (Timeout: number): ScriptRun => ({
      JobName: "job",
      JobRunId: "jr_1",
      Arguments: {},
      GlueVersion: "5.1",
      Command: "pythonshell",
      Timeout,
      script: { name: "s.py", content: Buffer.from("import time\nprint('began', flush=True)\ntime.sleep(600)") },
      role: "",
      cloud: {
        region: "eu-central-1",
        buckets: [],
        api: { call: () => Promise.reject(new Error("not called")) },
        owner: () => Promise.reject(new Error("not called")),
      },
    });
    const engineOf = (onLine?: () => void): LocalScriptEngine =>
      new LocalScriptEngine({
        folder,
        now: () => performance.now(),
        tools: (kind) => toolsFor(kind, () => undefined),
        ...(onLine && { onLine }),
      });

    it("end as TIMEOUT when they outlast the run's", async () => {
      const outcome = await engineOf().run(sleeper(0.05));
      expect(outcome.JobRunState).to.equal("TIMEOUT");
      expect(outcome.runningMs).to.be.within(3000, 30_000);
    });

    it("end as STOPPED when they are told to", async () => {
      const engine: LocalScriptEngine = engineOf(() => {
        engine.stop("jr_1");
      });
      expect(await engine.run(sleeper(5))).to.deep.include({ JobRunState: "STOPPED" });
    });
  });
});
