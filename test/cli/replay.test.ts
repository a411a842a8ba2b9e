import { expect } from "chai";
import { runCli } from "../support/cli.ts";

describe("npm run replay", function () {
  this.timeout(60_000);

  it("says all that is wrong with the command line, exit code 2", async () => {
    const { code, stdout, stderr } = await runCli(["replay", "--since=x", "y"]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include("--failed is missing").and.to.include("--since must be a time");
  });

  it("says in its help when it is successful", async () => {
    const { code, stdout } = await runCli(["replay", "--help"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/Exit code: 0 if .*all that was found is under way/);
  });
});
