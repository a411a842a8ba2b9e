import { expect } from "chai";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { missingTools, skippedNotice } from "../../../cli/lib/stack-tests.ts";
import { runCli } from "../../support/cli.ts";

describe("What the tests of the local stack need", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tools-"));
    mkdirSync(join(folder, "bin"));
    for (const program of ["pulumi", "pulumi-resource-aws"]) {
      writeFileSync(join(folder, "bin", program), "#!/bin/sh\n");
      chmodSync(join(folder, "bin", program), 0o755);
    }
    mkdirSync(join(folder, "cli-only"));
    writeFileSync(join(folder, "cli-only", "pulumi"), "#!/bin/sh\n");
    chmodSync(join(folder, "cli-only", "pulumi"), 0o755);
    mkdirSync(join(folder, "home", "plugins", "resource-aws-v7.48.0"), { recursive: true });
    mkdirSync(join(folder, "old", "plugins", "resource-aws-v6.83.0"), { recursive: true });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const missing = async (path: readonly string[], home: string) =>
    (await missingTools({ PATH: path.join(delimiter), PULUMI_HOME: join(folder, home) })).map(({ what }) => what);

  it("is found on PATH", async () => {
    expect(await missing([join(folder, "bin"), process.env.PATH ?? ""], "nowhere")).to.deep.equal([]);
  });

  it("is found where Pulumi installs its plugins, in the version that the program uses", async () => {
    const path = [join(folder, "cli-only"), "/usr/bin", "/bin"];
    expect(await missing(path, "home")).not.to.include("Pulumi's AWS plugin");
    expect(await missing(path, "old")).to.include("Pulumi's AWS plugin");
  });

  it("is named with how to get it, all at once", async () => {
    const all = await missingTools({ PATH: folder, PULUMI_HOME: folder });
    expect(all.map(({ what }) => what)).to.deep.equal([
      "Python 3.10 to 3.12",
      "Java 17",
      "the Pulumi CLI",
      "Pulumi's AWS plugin",
    ]);
    const notice = skippedNotice(all);
    expect(notice).to.match(/^NOT RUN: /);
    for (const { what, howToGetIt } of all) expect(notice).to.include(what).and.include(howToGetIt);
  });

  it("may not be missing under CI: npm test fails at once and says why", async () => {
    const { code, stderr } = await runCli(["test"], { env: { PATH: folder, PULUMI_HOME: folder, CI: "true" } });
    expect(code).to.equal(1);
    expect(stderr).to.include('failed at "tools"').and.include("Pulumi's AWS plugin is missing");
    expect(stderr).not.to.include("▸ types");
  });
});
