import { expect } from "chai";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runCli } from "../support/cli.ts";

const OWN = fileURLToPath(import.meta.url);

describe("npm run drop", function () {
  this.timeout(60_000);

  it("uploads nothing when the command line is wrong, exit code 2", async () => {
    const { code, stdout, stderr } = await runCli(["drop", "--stak=prod"]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include("  --stak is not an option; did you mean --stack?\n  FILE is missing");
  });

  it("says what it does and what its exit codes mean", async () => {
    const { code, stdout } = await runCli(["drop", "--help"]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^npm run drop -- FILE… \[--stack NAME\]/)
      .and.to.include("Exit code: 0 if every file succeeded");
  });

  it("tells who has no Pulumi CLI where to get it", async () => {
    const { code, stdout, stderr } = await runCli(["drop", OWN], { env: { PATH: dirname(OWN) } });
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.match(/^npm run drop: the Pulumi CLI is needed .* https:\/\/www\.pulumi\.com\/docs\/install/);
  });
});
