import { expect } from "chai";
import { runCli } from "../support/cli.ts";

describe("npm run backfill", function () {
  this.timeout(60_000);

  it("says all that is wrong with the command line, exit code 2", async () => {
    const { code, stdout, stderr } = await runCli(["backfill", "--rate=fast", "x"]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include("--rate must be a number of files a second").and.to.include('"x" is not expected');
  });

  it("says in its help when it is successful", async () => {
    const { code, stdout } = await runCli(["backfill", "--help"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/Exit code: 0 if .*files were sent/);
  });
});
