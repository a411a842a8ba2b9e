import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../../cli/lib/command.ts";
import { runCommand } from "../../../cli/lib/command.ts";
import { command } from "../../../cli/simulate.ts";
import type { Variant } from "../../../cli/simulate/variants.ts";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import { runCli } from "../../support/cli.ts";

describe("npm run simulate", function () {
  this.timeout(120_000);
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "simulate-"));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = async (
    args: readonly string[],
    io: Partial<Io> = {},
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
    let [out, err, now] = ["", "", 0];
    const code = await runCommand(command, args, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      cwd: folder,
      env: {},
      isTerminal: false,
      columns: Infinity,
      now: () => (now += 500),
      ...io,
    });
    return { code, out, err };
  };

  it("simulates the production stack and tells what was found, exit code 0", async () => {
    const { code, stdout, stderr } = await runCli(
      ["simulate", "--files=300", "--over=10min", "--arrival=even", "--duration=fixed:20,startUp:10"],
      { cwd: folder },
    );
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
    expect(stdout).to.match(/^glue-pipeline · stack prod · capacity simulation$/m);
    expect(stdout).to.match(/^300 files over 10 min, evenly · 1 MiB each · 20 s a run, 10 s to start up · seed 1$/m);
    expect(stdout).to.match(/^files +300 succeeded$/m);
    expect(stdout).to.match(/^\$[\d.]+ on AWS, \$[\d.]+ per thousand files$/m);
    expect(stdout).to.match(/^Simulated in [\d.]+ s$/m);
    expect(stdout).to.not.include("\u001b");
  });

  it("prints one document, the same for the same seed, and another one for another seed", async () => {
    const document = async (seed: number): Promise<CapacityResult & { readonly wallSeconds: number }> => {
      const { code, out, err } = await run(
        ["--json", "--files=200", "--over=1h", `--seed=${seed}`, "--set=maxAttempts=2", "--duration=fixed:9,sigma:1"],
        { isTerminal: true },
      );
      expect([code, err]).to.deep.equal([0, ""]);
      const { wallSeconds, ...rest } = JSON.parse(out) as CapacityResult & { readonly wallSeconds: number };
      expect(wallSeconds).to.be.a("number");
      return rest as CapacityResult & { readonly wallSeconds: number };
    };
    const [first, second, other] = [await document(5), await document(5), await document(6)];
    expect(first).to.deep.equal(second);
    expect(first.latency).to.not.deep.equal(other.latency);
    expect(first.scenario).to.deep.include({ files: 200, overSeconds: 3600, settings: { maxAttempts: "2" }, seed: 5 });
    expect(first.outcomes.succeeded).to.equal(200);
  });

  it("compares variants, tells those that the program refuses, and writes a report", async () => {
    const args = ["--files=200", "--over=1h", "--compare=dispatch=per-file,batch", "--compare=maxAttempts=1,99"];
    const { code, out, err } = await run([...args, "--report=out.html"]);
    expect([code, err]).to.deep.equal([0, ""]);
    const lines = out.split("\n");
    const rows = lines.filter((line) => /^(per-file|batch) /.test(line));
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2))).to.deep.equal([
      ["per-file", "1"],
      ["per-file", "99"],
      ["batch", "1"],
      ["batch", "99"],
    ]);
    expect(rows.map((row) => row.endsWith("refused"))).to.deep.equal([false, true, false, true]);
    expect(lines.filter((line) => line.includes("glue-pipeline:maxAttempts must be"))).to.have.lengthOf(2);
    expect(rows.filter((line) => line.includes("cheapest"))).to.have.lengthOf(1);
    expect(lines.filter((line) => line.startsWith("cheapest"))).to.have.lengthOf(1);
    expect(out).to.match(/^Report: out\.html$/m);
    const report = readFileSync(join(folder, "out.html"), "utf8");
    expect(report).to.match(/^<!doctype html>/);
    expect(report).to.include("glue-pipeline:maxAttempts must be");

    const { out: json } = await run([...args, "--json"]);
    const document = JSON.parse(json) as { readonly variants: readonly Variant[]; readonly cheapest: number };
    expect(document.variants.map((variant) => "refused" in variant)).to.deep.equal([false, true, false, true]);
    expect(document.cheapest).to.equal(2);
  });

  it("ends with exit code 1 where the program refuses everything, in the program's own words", async () => {
    const single = await run(["--set=maxAttempts=99", "--set=mode=reel", "--report=none.html"]);
    expect(single.code).to.equal(1);
    expect(single.out).to.equal("");
    expect(single.err).to.include("glue-pipeline:maxAttempts must be").and.to.include("glue-pipeline:mode must be");
    const all = await run(["--compare=maxAttempts=0,99", "--report=none.html"]);
    expect(all.code).to.equal(1);
    expect(all.out.match(/refused/g)).to.have.lengthOf(2);
    expect(existsSync(join(folder, "none.html"))).to.equal(false);
  });

  it("shows on a terminal how far it is, and wipes that away", async () => {
    const { out } = await run(["--files=100", "--over=1h"], { isTerminal: true, columns: 60, env: { NO_COLOR: "1" } });
    expect(out)
      .to.match(/^ {2}simulating {2}.*100 of 100 files/)
      .and.to.include("\r\u001b[K");
    const [live = ""] = out.split("\r");
    expect(live.length).to.be.below(60);
  });

  it("answers --help, and refuses what it does not know with exit code 2", async () => {
    const { code, out } = await run(["--help"]);
    expect(code).to.equal(0);
    for (const name of ["--files", "--compare", "--report", "glueRunsPerAccount"]) expect(out).to.include(name);
    expect(await run(["--fils=1"])).to.deep.equal({
      code: 2,
      out: "",
      err: "npm run simulate: --fils is not an option; did you mean --files?\nAll options: npm run simulate -- --help\n",
    });
  });
});
