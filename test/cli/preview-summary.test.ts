import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCli } from "../support/cli.ts";

const golden = fileURLToPath(new URL("../golden/preview.update.json", import.meta.url));

describe("npm run preview-summary", function () {
  this.timeout("1 minute");
  const folder = mkdtempSync(join(tmpdir(), "glue-pipeline-preview-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (...args: readonly string[]) => runCli(["preview-summary", ...args], { cwd: folder });

  it("prints Markdown for the stack that it is told", async () => {
    const { code, stdout, stderr } = await run(golden, "--stack", "local");
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^## Preview of stack `local`\n\n\*\*12 to update\*\*/);
  });

  it("prints one JSON document with --json", async () => {
    const { code, stdout } = await run(golden, "--json");
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.have.keys(
      ...["changes", "unchanged", "losses", "definitions", "costs", "errors", "warnings", "infos"],
    );
  });

  it("reads standard input, and says so when nothing came", async () => {
    const { code, stdout, stderr } = await run();
    expect([code, stdout]).to.deep.equal([1, ""]);
    expect(stderr).to.include("standard input is empty: pulumi preview failed before it began");
  });

  const wrong = [
    ["text.json", "Previewing update (prod):", "text.json is not JSON"],
    ["other.json", '{"version": 3}', 'other.json is not what "pulumi preview --json" prints'],
  ] as const;
  for (const [name, content, message] of wrong) {
    it(`says that ${message}`, async () => {
      writeFileSync(join(folder, name), content);
      const { code, stderr } = await run(name);
      expect(code).to.equal(1);
      expect(stderr).to.include(message);
    });
  }

  it("says which file is not there", async () => {
    const { code, stderr } = await run("missing.json");
    expect(code).to.equal(1);
    expect(stderr).to.include("missing.json cannot be read");
  });

  it("refuses what it does not know", async () => {
    const { code, stderr } = await run(golden, "second.json", "--stacks", "x");
    expect(code).to.equal(2);
    expect(stderr).to.include('"second.json" is not expected').and.include("--stacks");
  });
});
