import { expect } from "chai";
import { notHonouredArguments, scriptArguments, sparkSettings } from "../../../local/engine/script-arguments.ts";
import type { ScriptRun } from "../../../local/engine/script-run.ts";

const runWith = (Arguments: ScriptRun["Arguments"], Command: ScriptRun["Command"] = "glueetl"): ScriptRun => ({
  JobName: "job",
  JobRunId: "jr_1",
  Arguments,
  GlueVersion: "5.1",
  Command,
  Timeout: 60,
  script: { name: "script.py", content: Buffer.from("") },
  role: "role",
  cloud: {
    region: "eu-central-1",
    buckets: [],
    api: { call: () => Promise.reject(new Error("not called")) },
    owner: () => Promise.reject(new Error("not called")),
  },
});

describe("scriptArguments", () => {
  const added = ["--JOB_NAME", "job", "--JOB_ID", "j_job", "--JOB_RUN_ID", "jr_1"];

  it("puts what Glue adds before the run's own, with a folder for what is temporary", () => {
    expect(scriptArguments(runWith({ "--key": "-a b" }), "file:///tmp/x")).to.deep.equal([
      ...added,
      ...["--job-bookmark-option", "job-bookmark-disable", "--TempDir", "file:///tmp/x", "--key", "-a b"],
    ]);
  });

  it("lets the job say where what is temporary goes and whether there are bookmarks", () => {
    const given = { "--TempDir": "s3://t/", "--job-bookmark-option": "job-bookmark-enable" };
    expect(scriptArguments(runWith(given), "file:///tmp/x")).to.deep.equal([
      ...added,
      ...["--job-bookmark-option", "job-bookmark-enable", "--TempDir", "s3://t/"],
    ]);
  });

  it("keeps from the script what Glue keeps for itself", () => {
    const given = {
      "--conf": "a=1",
      "--enable-metrics": "true",
      "--continuous-log-logGroup": "g",
      "--extra-jars": "j",
    };
    expect(scriptArguments(runWith(given, "pythonshell"), "x")).to.deep.equal([
      ...added,
      ...["--job-bookmark-option", "job-bookmark-disable"],
    ]);
    expect(notHonouredArguments(runWith(given))).to.deep.equal(["--extra-jars is not honoured here: j"]);
  });
});

describe("sparkSettings", () => {
  it("reads the many settings of one --conf", () => {
    expect(sparkSettings("a.b=1 --conf c=d=e f  --conf  g=")).to.deep.equal([
      ["a.b", "1"],
      ["c", "d=e f"],
      ["g", ""],
    ]);
    expect(sparkSettings(undefined)).to.deep.equal([]);
  });

  it("names a --conf that is none", () => {
    expect(() => sparkSettings("a --conf b=1")).to.throw(
      '--conf must be NAME=VALUE [--conf NAME=VALUE]…, got "a --conf b=1"',
    );
  });
});
