import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../../cli/lib/command.ts";
import { firstFailure, runScript } from "../../../cli/lib/steps.ts";
import { runCli } from "../../support/cli.ts";

describe("firstFailure", () => {
  it("runs steps in order up to the first that fails", async () => {
    let text = "";
    const io: Io = {
      out: () => undefined,
      err: (more) => (text += more),
      cwd: "/",
      env: {},
      isTerminal: false,
      columns: 80,
      now: () => 0,
    };
    const step = (title: string, ok: boolean) => ({ title, run: () => Promise.resolve(ok) });
    expect(await firstFailure([step("a", true), step("b", false), step("c", true)], io)).to.have.property("title", "b");
    expect(text).to.equal("▸ a\n▸ b\n");
    expect(await firstFailure([step("a", true)], io)).to.equal(undefined);
  });
});

describe("runScript", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "script-"));
    writeFileSync(
      join(folder, "s.mjs"),
      "process.stdout.write(process.argv[2] + process.env.X); process.exitCode = 3;",
    );
    writeFileSync(join(folder, "killed.mjs"), "process.kill(process.pid)");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("gives the script's exit code and output", async () => {
    let text = "";
    const onOutput = (more: string): void => {
      text += more;
    };
    expect(await runScript(join(folder, "s.mjs"), ["a"], { cwd: folder, env: { X: "b" }, onOutput })).to.equal(3);
    expect(text).to.equal("ab");
    expect(await runScript(join(folder, "killed.mjs"), [], { cwd: folder }), "ended by a signal").to.equal(1);
  });
});

describe("npm test", function () {
  this.timeout(60_000);

  it("runs only the given files, and says which step failed", async () => {
    const good = await runCli(["test", "test/cli/lib/scenario.test.ts"]);
    expect(good.code).to.equal(0);
    expect(good.stdout).to.match(/\d+ passing \(\d+m?s\)\s*$/);
    const bad = await runCli(["test", "test/no-such.test.ts"]);
    expect(bad.code).to.equal(1);
    expect(bad.stderr).to.match(/npm test: failed at "tests"\n$/);
  });
});
