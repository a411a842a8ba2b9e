import { expect } from "chai";
import { fileURLToPath } from "node:url";
import { runCli } from "../support/cli.ts";

describe("npm run status", function () {
  this.timeout(60_000);

  it("takes options and one key only, exit code 2", async () => {
    const { code, stdout, stderr } = await runCli(["status", "a.csv", "orders.csv", "--limit=many"]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include('--limit must be a whole number from 1 to 100, got "many"');
    expect(stderr).to.include('"orders.csv" is not expected');
  });

  it("says in its help that it is successful when the state could be read", async () => {
    const { code, stdout } = await runCli(["status", "--help"]);
    expect(code).to.equal(0);
    expect(stdout).to.include("Exit code: 0 if all this could be read, whatever it says");
  });

  it("fails without a Pulumi CLI", async () => {
    const { code, stderr } = await runCli(["status"], { env: { PATH: fileURLToPath(new URL(".", import.meta.url)) } });
    expect(code).to.equal(1);
    expect(stderr).to.include("there is no pulumi on PATH");
  });
});
