import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../cli/lib/command.ts";
import { simulationFor, withWishes } from "../../../cli/run/simulation.ts";
import { readStartOptions } from "../../../cli/run/start-options.ts";

describe("readStartOptions", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "options-"));
    writeFileSync(join(folder, "a.csv"), "id\n");
    writeFileSync(join(folder, "b.csv"), "id\n");
    mkdirSync(join(folder, "program"));
    writeFileSync(join(folder, "program", "Pulumi.yaml"), "name: mine\n");
    mkdirSync(join(folder, "bare"));
    writeFileSync(join(folder, "bare", "Pulumi.yaml"), "name: bare\n");
    writeFileSync(join(folder, "program", "Pulumi.dev.yaml"), "config:\n  mine:simulatedScenarios: [{match: x}]\n");
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const problemsOf = (...args: string[]): readonly string[] => {
    try {
      readStartOptions(args, folder);
      return [];
    } catch (error) {
      if (error instanceof UsageError) return error.problems;
      throw error;
    }
  };

  it("reads all there is", () => {
    const args = [
      "a.csv",
      "--seed=7",
      "--clock=real",
      "--key=x",
      "--out=o",
      "--json",
      "--scenario=*=FAILED",
      "--set=maxAttempts=5",
    ];
    const options = readStartOptions(args, folder);
    expect(options).to.deep.include({
      key: "x",
      clock: "real",
      seed: 7,
      out: join(folder, "o"),
      json: true,
      debug: false,
    });
    expect(options.files.map(({ name }) => name)).to.deep.equal(["a.csv"]);
    expect(options.scenarios).to.have.lengthOf(1);
    expect(options.program).to.deep.include({ stack: "local", config: { maxAttempts: "5" } });
  });

  it("has defaults for everything but the sample", () => {
    expect(readStartOptions(["a.csv"], folder)).to.deep.include({
      clock: "virtual",
      seed: undefined,
      key: undefined,
      out: join(folder, "out"),
    });
  });

  it("finds every problem at once", () => {
    expect(
      problemsOf(
        "no.csv",
        "a.csv",
        "--key=k",
        "--seed=-1",
        "--scenario=x",
        "--stack=prdo",
        "--clok=real",
        "--set=x",
        "--set=maxAtempts=5",
        "--out=a.csv",
      ),
    ).to.deep.equal([
      "--clok is not an option; did you mean --clock?",
      '--stack: "prdo" is not a stack of this program; did you mean prod?',
      '--set must be KEY=VALUE, got "x"',
      '--set: "maxAtempts" is not a config key of this program; did you mean maxAttempts?',
      "no.csv: there is no such file",
      "--key names one object, and there are 2 files",
      '--scenario must be PATTERN=OUTCOME, for example "*.csv=FAILED", got "x"',
      '--seed must be a whole number from 0, got "-1"',
      `--out must be a folder, and ${join(folder, "a.csv")} is a file`,
    ]);
  });

  it("reports a folder for the output that cannot be one", () => {
    expect(problemsOf("a.csv", "--out=a.csv/x")).to.deep.equal([
      `--out: ${join(folder, "a.csv", "x")} cannot be used: part of the path is a file`,
    ]);
    expect(problemsOf("a.csv", "--out=a.csv/x/y")).to.have.lengthOf(1);
    expect(problemsOf("a.csv", "--out=new/x/y")).to.deep.equal([]);
  });

  it("takes another program's samples, and an input only where there is no file", () => {
    mkdirSync(join(folder, "sampled", "samples"), { recursive: true });
    for (const file of ["Pulumi.yaml", "Pulumi.local.yaml"]) writeFileSync(join(folder, "sampled", file), "");
    writeFileSync(join(folder, "sampled", "samples", "s.csv"), "id\n");
    const options = readStartOptions(["--program=sampled"], folder);
    expect(options.files.map(({ name }) => name)).to.deep.equal(["s.csv"]);
    expect(options.filesGiven).to.equal(false);
    expect(readStartOptions(["--input={}"], folder)).to.deep.include({ files: [], input: { json: "{}" } });
    expect(problemsOf("a.csv", "--input={}", "--key=k")).to.deep.equal([
      "--input starts an execution without a file: leave out the FILEs, or --input",
      "--key is for a FILE, and --input starts an execution without one",
    ]);
    expect(problemsOf("--input=@no.json")).to.deep.equal(["--input @no.json: there is no such file"]);
  });

  it("takes a seed in digits only, and a file by its name only", () => {
    expect(problemsOf("", "--seed=1e3")).to.deep.equal([
      '"": is no name of a file',
      '--seed must be a whole number from 0, got "1e3"',
    ]);
  });

  it("leaves it to the program's own reader to say what is wrong with Pulumi.yaml", () => {
    mkdirSync(join(folder, "broken"));
    writeFileSync(join(folder, "broken", "Pulumi.local.yaml"), "");
    for (const content of ["name: [x", "", "just text", "name: x\nconfig: 3"]) {
      writeFileSync(join(folder, "broken", "Pulumi.yaml"), content);
      expect(problemsOf("a.csv", "--program=broken", "--set=a=1"), content).to.deep.equal([]);
    }
  });

  it("does not empty the folder that a file is to come from", () => {
    mkdirSync(join(folder, "mine"), { recursive: true });
    writeFileSync(join(folder, "mine", ".embedded-cloud"), "");
    writeFileSync(join(folder, "mine", "a.csv"), "id\n");
    expect(problemsOf("mine/a.csv", "--out=mine")).to.deep.equal([
      `--out is emptied at the start, and a file to upload is in it: ${join(folder, "mine")}`,
    ]);
  });

  it("refuses config keys that the program does not have", () => {
    expect(problemsOf("a.csv", "--set=maxAtempts=5")).to.deep.equal([
      '--set: "maxAtempts" is not a config key of this program; did you mean maxAttempts?',
    ]);
    expect(problemsOf("a.csv", "--set=glue-pipeline:zzz=5")[0]).to.match(
      /"zzz" is not a config key of this program; there are mode, /,
    );
    expect(problemsOf("a.csv", "--set=aws:region=eu-west-1", "--set=glue-pipeline:maxAttempts=2")).to.deep.equal([]);
  });

  it("wants a folder with a program and a stack in it", () => {
    expect(problemsOf("a.csv", "--program=nowhere")).to.deep.equal([
      '--program must be a folder with a Pulumi.yaml, got "nowhere"',
    ]);
    expect(problemsOf("a.csv", "--program=program")[0]).to.match(
      /"local" is not a stack of this program; there are dev$/,
    );
    expect(problemsOf("a.csv", "--program=bare")[0]).to.match(/there is no Pulumi.STACK.yaml$/);
    expect(problemsOf("a.csv", "--program=program", "--stack=dev", "--set=any=1")).to.deep.equal([]);
  });

  describe("withWishes", () => {
    const { program } = { program: { directory: "", stack: "dev", config: {} } };
    const mine = (): typeof program => ({ ...program, directory: join(folder, "program") });

    it("puts the command line's scenarios before the stack's", () => {
      const wished = withWishes(mine(), { seed: 9, scenarios: [{ match: "y", Return: { JobRunState: "FAILED" } }] });
      expect(wished.config).to.deep.equal({
        simulatedSeed: "9",
        simulatedScenarios: '[{"match":"y","Return":{"JobRunState":"FAILED"}},{"match":"x"}]',
      });
      expect(simulationFor(wished)).to.deep.include({ seed: 9, failureRate: 0.2 });
      expect(simulationFor(wished).scenarios.map(({ match }) => match)).to.deep.equal(["y", "x"]);
    });

    it("leaves the config alone where nothing is wished", () => {
      expect(withWishes(mine(), { seed: undefined, scenarios: [] }).config).to.deep.equal({});
      expect(simulationFor(mine()).scenarios).to.have.lengthOf(1);
    });
  });
});
