import { expect } from "chai";
import { inheritedEnvironment } from "../../../local/engine/child-environment.ts";

describe("A script's environment", () => {
  it("has what programs need to run", () => {
    const env = {
      PATH: "/bin",
      HOME: "/home/ada",
      LANG: "C",
      LC_ALL: "C",
      TMPDIR: "/tmp",
      HTTPS_PROXY: "http://proxy",
    };
    expect(inheritedEnvironment(env)).to.deep.equal(env);
  });

  it("has nothing of the caller's accounts, Python or Java", () => {
    const names = [
      ...["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "GITHUB_TOKEN"],
      ...["NPM_TOKEN", "PYTHONPATH", "VIRTUAL_ENV", "SPARK_HOME", "HADOOP_CONF_DIR", "_JAVA_OPTIONS"],
      ...["JAVA_TOOL_OPTIONS", "BOTO_CONFIG", "MY_PATH", "PATH_TO_SECRETS"],
    ];
    expect(inheritedEnvironment(Object.fromEntries(names.map((name) => [name, "x"])))).to.deep.equal({});
  });
});
