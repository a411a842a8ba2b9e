import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../cli/lib/command.ts";
import { readSimulateOptions, type SimulateOptions } from "../../../cli/simulate/options.ts";
import { variationsOf } from "../../../cli/simulate/options/compare.ts";
import { workloadOf } from "../../../cli/simulate/workload.ts";

describe("readSimulateOptions", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "simulate-"));
    mkdirSync(join(folder, "reports"));
    writeFileSync(join(folder, "sized.csv"), "seconds,bytes\n0,10\n1.5,20\n60,30\n");
    mkdirSync(join(folder, "folder.html"));
    writeFileSync(join(folder, "moments.csv"), "seconds\n1770000000\n");
    writeFileSync(join(folder, "plain.csv"), "seconds\n0\n0\n");
    writeFileSync(join(folder, "wrong.csv"), "seconds,bytes\n1,x\n-1,2\n");
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (...args: string[]): Promise<SimulateOptions> => readSimulateOptions(args, folder);
  const problemsOf = async (...args: string[]): Promise<readonly string[]> => {
    try {
      await read(...args);
      return [];
    } catch (error) {
      if (error instanceof UsageError) return error.problems;
      throw error;
    }
  };

  it("has defaults for everything", async () => {
    const { program, ...options } = await read();
    expect(program).to.deep.include({ stack: "prod", config: {} });
    expect(options).to.deep.equal({
      files: 10_000,
      keys: undefined,
      overSeconds: 3600,
      arrival: { kind: "poisson" },
      traceFile: undefined,
      size: { kind: "fixed", bytes: 1_048_576 },
      duration: undefined,
      quotas: {},
      seed: 1,
      compared: [],
      report: undefined,
      json: false,
      debug: false,
    });
  });

  it("reads all there is", async () => {
    const options = await read(
      "--files=1000000",
      "--over=1.5h",
      "--arrival=burst:6",
      "--size=lognormal:200kB,1.5",
      "--duration=fixed:20,perFile:0.2,perMiB:1,sigma:0.3,startUp:25,failures:0.01",
      "--stack=local",
      "--set=maxAttempts=5",
      "--quota=glueRunsPerAccount=500",
      "--quota=lambdaConcurrency=100",
      "--compare=dispatch=per-file,batch",
      "--compare=completion=poll,sync,event",
      "--seed=7",
      "--report=reports/out.html",
      "--json",
    );
    expect(options).to.deep.include({
      files: 1_000_000,
      overSeconds: 5400,
      arrival: { kind: "burst", bursts: 6 },
      size: { kind: "lognormal", medianBytes: 200_000, sigma: 1.5 },
      duration: { fixed: 20, perFile: 0.2, perMiB: 1, sigma: 0.3, startUp: 25, failureRate: 0.01 },
      quotas: { glueRunsPerAccount: 500, lambdaConcurrency: 100 },
      compared: [
        { key: "dispatch", values: ["per-file", "batch"] },
        { key: "completion", values: ["poll", "sync", "event"] },
      ],
      seed: 7,
      report: join(folder, "reports", "out.html"),
      json: true,
    });
    expect(options.program).to.deep.include({ stack: "local", config: { maxAttempts: "5" } });
  });

  it("finds every problem at once", async () => {
    expect(
      await problemsOf(
        "file.csv",
        "--files=1e6",
        "--over=24",
        "--arrival=poison",
        "--size=1MiB",
        "--duration=fixd:20,perMiB:-1,sigma:9",
        "--stack=prdo",
        "--set=maxAtempts=5",
        "--quota=glueRunsPerJobs=5",
        "--quota=lambdaConcurrency=0",
        "--compare=complation=poll,sync",
        "--compare=dispatch=batch",
        "--seed=-1",
        "--report=nowhere/out.html",
      ),
    ).to.deep.equal([
      '--stack: "prdo" is not a stack of this program; did you mean prod?',
      '--set: "maxAtempts" is not a config key of this program; did you mean maxAttempts?',
      '--files must be a whole number from 1 to 10,000,000, got "1e6"',
      '--over must be a number and a unit (ms, s, min, h, d), for example 24h, got "24"',
      '--arrival must be even, poisson, burst:N or a FILE.csv, got "poison"',
      '--size must be fixed:SIZE, lognormal:MEDIAN,SIGMA or trace, got "1MiB"',
      '--seed must be a whole number from 0 to 9,007,199,254,740,991, got "-1"',
      '--duration: "fixd" is not a part of it; did you mean fixed?; perMiB must be seconds from 0, for example 20, 0.5 or 2min; sigma must be a number from 0 to 5, got "fixd:20,perMiB:-1,sigma:9"',
      '--quota: "glueRunsPerJobs" is not a quota; did you mean glueRunsPerJob?',
      '--quota lambdaConcurrency must be a number above 0, got "0"',
      '--compare dispatch needs two values or more, got "dispatch=batch"; --set takes a single one',
      '--compare: "complation" is not a config key of this program; did you mean completion?',
      `--report: there is no folder ${join(folder, "nowhere")}`,
      '"file.csv" is not expected: this command takes options only',
    ]);
  });

  it("takes units as they are written, and nothing without one", async () => {
    expect((await read("--over=90min")).overSeconds).to.equal(5400);
    expect((await read("--over=2d")).overSeconds).to.equal(172_800);
    expect((await read("--over=500ms")).overSeconds).to.equal(0.5);
    expect((await read("--size=fixed:0B")).size).to.deep.equal({ kind: "fixed", bytes: 0 });
    expect((await read("--size=fixed:1.5GiB")).size).to.deep.equal({ kind: "fixed", bytes: 1_610_612_736 });
    for (const over of ["0s", "367d", "1 h", "1H", "h", "1e3s", "-1s", "1hours", "+1s", "1_000s"]) {
      expect(await problemsOf(`--over=${over}`), over).to.have.lengthOf(1);
    }
    for (const size of ["fixed:1", "fixed:1mb", "fixed:", "lognormal:1MiB", "lognormal:0B,1", "lognormal:1MiB,6"]) {
      expect(await problemsOf(`--size=${size}`), size).to.have.lengthOf(1);
    }
    for (const arrival of ["burst", "burst:", "burst:0", "burst:1.5", "even:1"]) {
      expect(await problemsOf(`--arrival=${arrival}`), arrival).to.have.lengthOf(1);
    }
    for (const duration of ["60", "fixed", "fixed:", "fixed:1,fixed:2", "failures:1.1", "constructor:1"]) {
      expect(await problemsOf(`--duration=${duration}`), duration).to.have.lengthOf(1);
    }
  });

  it("takes runs to last as the stack's simulated ones where nothing is said, and not to fail", async () => {
    const durationOf = async (...args: string[]): Promise<unknown> => {
      const options = await read(...args);
      return workloadOf(options, options.program).duration;
    };
    const none = { perFile: 0, perMiB: 0, sigma: 0 };
    expect(await durationOf()).to.deep.equal({ ...none, fixed: 12, startUp: 8, failureRate: 0 });
    expect(await durationOf("--duration=60s")).to.deep.equal({ ...none, fixed: 60, startUp: 8, failureRate: 0 });
    expect(
      await durationOf(
        "--set=simulatedFailureRate=0.5",
        "--set=simulatedSecondsPerMiB=2",
        "--set=simulatedStartUpSeconds=30",
      ),
    ).to.deep.equal({ ...none, fixed: 12, perMiB: 2, startUp: 30, failureRate: 0.5 });
    expect(await durationOf("--set=simulatedFailureRate=0.5", "--duration=perMiB:1,failures:0")).to.deep.equal({
      ...{ ...none, fixed: 0, perMiB: 1, startUp: 8, failureRate: 0 },
    });
  });

  it("takes files, times and sizes from a trace, unless a size is given", async () => {
    const sized = await read("--arrival=sized.csv");
    expect(sized).to.deep.include({ files: 3, overSeconds: 60, size: { kind: "trace" }, traceFile: "sized.csv" });
    expect(sized.arrival).to.deep.equal({
      kind: "trace",
      at: Float64Array.of(0, 1.5, 60),
      bytes: Float64Array.of(10, 20, 30),
    });
    expect((await read("--arrival=sized.csv", "--size=fixed:1kB")).size).to.deep.equal({ kind: "fixed", bytes: 1000 });
    expect(await read("--arrival=plain.csv")).to.deep.include({
      files: 2,
      overSeconds: 1,
      size: { kind: "fixed", bytes: 1_048_576 },
    });
  });

  it("says what is wrong with a trace", async () => {
    expect(await problemsOf("--arrival=no.csv")).to.deep.equal(["--arrival no.csv: there is no such file"]);
    expect(await problemsOf("--arrival=sized.csv", "--files=5", "--over=1h")).to.deep.equal([
      "--files is not for --arrival sized.csv: the file says it",
      "--over is not for --arrival sized.csv: the file says it",
    ]);
    expect(await problemsOf("--arrival=plain.csv", "--size=trace")).to.deep.equal([
      "--arrival plain.csv: --size trace needs its column bytes",
    ]);
    expect(await problemsOf("--size=trace")).to.deep.equal([
      "--size trace needs --arrival FILE.csv with a column bytes",
    ]);
    expect(await problemsOf("--arrival=wrong.csv", "--seed=x")).to.deep.equal([
      '--seed must be a whole number from 0 to 9,007,199,254,740,991, got "x"',
      '--arrival wrong.csv: line 2: bytes must be a whole number from 0, got "x"',
      '--arrival wrong.csv: line 3: seconds must be a number of seconds from 0, got "-1"',
    ]);
  });

  it("takes no trace that is longer than a year: moments are no seconds from the start", async () => {
    expect(await problemsOf("--arrival=moments.csv")).to.deep.equal([
      "--arrival moments.csv: its last file lands after 20,486 d, and 366 d are the most; seconds count from the start, moments go in a column time",
    ]);
  });

  it("refuses a report that would take the place of another file, or cannot be written", async () => {
    expect(await problemsOf("--arrival=sized.csv", "--report=sized.csv")).to.deep.equal([
      '--report must be a file that ends in .html, got "sized.csv"',
    ]);
    expect(await problemsOf("--report=sized.csv/a.html")).to.deep.equal([
      `--report: ${join(folder, "sized.csv")} is not a folder`,
    ]);
    expect(await problemsOf("--report=folder.html")).to.deep.equal([
      `--report must be a file, and ${join(folder, "folder.html")} is none`,
    ]);
  });

  it("refuses comparisons that say nothing, too much, or something twice", async () => {
    expect(
      await problemsOf("--compare=dispatch", "--compare=dispatch=a,,b", "--compare=dispatch=a,a", "--compare==a,b"),
    ).to.deep.equal([
      '--compare must be KEY=VALUE,VALUE…, got "dispatch"',
      '--compare must be KEY=VALUE,VALUE…, got "dispatch=a,,b"',
      '--compare dispatch: a value is given more than once in "dispatch=a,a"',
      '--compare must be KEY=VALUE,VALUE…, got "=a,b"',
    ]);
    expect(
      await problemsOf("--compare=maxAttempts=1,2,3,4,5", "--compare=batchMaxFiles=1,2,3,4,5", "--set=maxAttempts=2"),
    ).to.deep.equal([
      "--compare: 25 variants are too many; at most 24 are simulated at a time",
      "--compare maxAttempts and --set maxAttempts do not go together",
    ]);
  });

  it("makes a variant of each value with each", () => {
    expect(
      variationsOf([
        { key: "a", values: ["1", "2"] },
        { key: "b", values: ["x", "y"] },
      ]),
    ).to.deep.equal([
      { a: "1", b: "x" },
      { a: "1", b: "y" },
      { a: "2", b: "x" },
      { a: "2", b: "y" },
    ]);
    expect(variationsOf([])).to.deep.equal([{}]);
  });
});
