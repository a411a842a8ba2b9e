import { expect } from "chai";
import fc from "fast-check";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { kindsOfJob, takenFields, type AnyJob, type JobKind } from "../../../components/glue-job/kinds.ts";
import { argumentsFrom, managingField } from "../../../components/glue-job/managed-arguments.ts";
import { jobSettings } from "../../../components/glue-job/settings.ts";
import { workloads, type Workload } from "../../../components/glue-job/workloads.ts";
import { jobKindRules } from "../../../components/rules/job-kind-rules.ts";
import { jobRules } from "../../../components/rules/job-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";
import { checkWorkers, workerTypes, type KnownWorkerType } from "../../../functions/lib/workers.ts";

const problemsOf = (job: AnyJob): readonly string[] => jobRules({ job }).map((problem) => problemText(problem));

const script = new URL("../../../scripts/process_csv.py", import.meta.url);
const scripts = new URL("../../../scripts", import.meta.url);
const missing = new URL("gone.py", script);
const typed = (url: URL): string => relative(process.cwd(), fileURLToPath(url));
const big = "x".repeat(260 * 1024);
const size = (workerType: string, numberOfWorkers = 2): AnyJob => ({ workerType, numberOfWorkers });

const wrong: readonly (readonly [AnyJob, ...string[]])[] = [
  [
    {
      kind: "pythonshell",
      workerType: "G.1X",
      numberOfWorkers: 2,
      autoScaling: true,
      executionClass: "FLEX",
      sparkConf: { a: "1" },
    },
    'job.workerType must be left out: it is for Spark jobs, streaming jobs and Ray jobs, and job.kind is pythonshell, which is sized by job.maxCapacity, got "G.1X"',
    "job.numberOfWorkers must be left out: it is for Spark jobs, streaming jobs and Ray jobs, and job.kind is pythonshell, which is sized by job.maxCapacity, got 2",
    "job.autoScaling must be left out: it is for Spark jobs and streaming jobs, and job.kind is pythonshell, which is sized by job.maxCapacity, got true",
    'job.executionClass must be left out: it is for Spark jobs, and job.kind is pythonshell, got "FLEX"',
    'job.sparkConf must be left out: it is for Spark jobs and streaming jobs, and job.kind is pythonshell, got {"a":"1"}',
  ],
  [
    { maxCapacity: 1 },
    "job.maxCapacity must be left out: it is for Python shell jobs, and job.kind is spark, which is sized by job.workerType and job.numberOfWorkers, got 1",
  ],
  [
    { kind: "streaming", bookmarks: "enable" },
    'job.bookmarks must be left out: it is for Spark jobs, and job.kind is streaming, which has checkpoints, got "enable"',
  ],
  [
    { maintenanceWindow: "Sun:3" },
    'job.maintenanceWindow must be left out: it is for streaming jobs, and job.kind is spark, got "Sun:3"',
  ],
  [
    { kind: "streaming", maintenanceWindow: "Sunday:3" },
    'job.maintenanceWindow must be a day and an hour in UTC, for example "Sun:3", got "Sunday:3"',
  ],
  [{ kind: "pythonshell", maxCapacity: 2 as 1 }, "job.maxCapacity must be 0.0625 or 1, got 2"],
  [
    { glueVersion: "2.0" },
    'job.glueVersion must be at least "3.0": Glue 0.9, 1.0 and 2.0 have come to their end, got "2.0"',
  ],
  [{ glueVersion: "4.5" }, `job.glueVersion must be one of Glue's: 3.0, 4.0, 5.0, 5.1, 6.0, got "4.5"`],
  [{ glueVersion: "latest" }, 'job.glueVersion must be a version like "5.1", got "latest"'],
  [{ kind: "ray", glueVersion: "3.0" }, 'job.glueVersion must be at least "4.0" for Ray, got "3.0"'],
  [
    { workload: "cost", workerType: "G.1X", numberOfWorkers: 2 },
    'job.workload must be left out where job.workerType and job.numberOfWorkers are given, or they where it is, got "cost"',
  ],
  [{ numberOfWorkers: 4 }, "job.numberOfWorkers must be given together with job.workerType, for example G.1X, got 4"],
  [{ workerType: "G.2X" }, 'job.workerType must be given together with job.numberOfWorkers, for example 2, got "G.2X"'],
  [size("G.1X", 1), "job.numberOfWorkers must be a whole number from 2: one drives, the others work, got 1"],
  [size("G.1X", 2.5), "job.numberOfWorkers must be a whole number from 2: one drives, the others work, got 2.5"],
  [
    size("G.025X"),
    'job.workerType must be a type for a Spark job, for example G.1X, or job.kind streaming, got "G.025X"',
  ],
  [size("Z.2X"), 'job.workerType must be a type for a Spark job, for example G.1X, or job.kind ray, got "Z.2X"'],
  [
    { kind: "ray", ...size("G.1X") },
    'job.workerType must be a type for a Ray job, which is Z.2X, or job.kind spark or streaming, got "G.1X"',
  ],
  [
    { glueVersion: "3.0", ...size("R.1X") },
    'job.workerType must be another: R.1X needs job.glueVersion 4.0 or newer, not 3.0, got "R.1X"',
  ],
  [
    { glueVersion: "3.0", ...size("G.16X") },
    'job.workerType must be another: G.16X needs job.glueVersion 4.0 or newer, not 3.0, got "G.16X"',
  ],
  [
    { glueVersion: "3.0", workload: "memory_intensive" },
    'job.workload must be another: R.2X needs job.glueVersion 4.0 or newer, not 3.0, got "memory_intensive"',
  ],
  [
    { executionClass: "FLEX", ...size("G.4X") },
    'job.executionClass must be "STANDARD" with job.workerType G.4X: FLEX has G.1X and G.2X, got "FLEX"',
  ],
  [
    { executionClass: "FLEX", jobRunQueuing: true },
    "job.jobRunQueuing must be false with job.executionClass FLEX, which waits by itself, got true",
  ],
  [
    { workload: "cost", jobRunQueuing: true },
    "job.jobRunQueuing must be false with job.executionClass FLEX (job.workload cost has it), which waits by itself, got true",
  ],
  [{ timeoutMinutes: 10_081 }, "job.timeoutMinutes must be a whole number from 1 to 10080, seven days, got 10081"],
  [
    { timeoutMinutes: 30, notifyDelayAfterMinutes: 30 },
    "job.notifyDelayAfterMinutes must be a whole number from 1, below job.timeoutMinutes (30), where the run ends, got 30",
  ],
  [{ maxConcurrentRuns: 0 }, "job.maxConcurrentRuns must be a whole number from 1 to 4000, got 0"],
  [
    { glueVersion: "3.0", enableObservabilityMetrics: true },
    "job.enableObservabilityMetrics must be left out below job.glueVersion 4.0, which is 3.0, got true",
  ],
  [{ connections: ["db", "net", "db"] }, 'job.connections must be without repetition, got "db"'],
  [{ glueDataCatalog: [""] }, 'job.glueDataCatalog must be names of databases, or ["*"], got [""]'],
  [
    { continuousLogging: { filter: true } },
    "job.continuousLogging.filter must be left out: since job.glueVersion 5.0 there is no filter, got true",
  ],
  [
    { continuousLogging: { logStreamPrefix: "a:b" } },
    'job.continuousLogging.logStreamPrefix must be 1 to 400 characters without : and *, got "a:b"',
  ],
  [{ continuousLogging: { retentionDays: 0 } }, "job.continuousLogging.retentionDays must be at least 1, got 0"],
  [
    { tempDir: "/tmp" },
    `job.tempDir must be an s3:// URI such as s3://my-bucket/folder/, the bucket's name in lower case, got "/tmp"`,
  ],
  [
    { sparkUi: "logs/" },
    `job.sparkUi must be true, false or an s3:// URI such as s3://my-bucket/folder/, the bucket's name in lower case, got "logs/"`,
  ],
  [
    { sparkConf: { "spark.a b": "1", "spark.c": "1 --conf spark.d=2" } },
    'job.sparkConf must be one setting for each key, for example spark.sql.shuffle.partitions, with a value that has neither line ends nor --conf, got {"spark.a b":"1"}',
    'job.sparkConf must be one setting for each key, for example spark.sql.shuffle.partitions, with a value that has neither line ends nor --conf, got {"spark.c":"1 --conf spark.d=2"}',
  ],
  [{ pythonModules: ["a,b"] }, 'job.pythonModules must be one module in each item, without spaces, got "a,b"'],
  [
    { pythonModulesInstallerOption: "--no-deps" },
    'job.pythonModulesInstallerOption must be left out where job.pythonModules is empty, got "--no-deps"',
  ],
  [{ userJarsFirst: true }, "job.userJarsFirst must be left out where job.extraJars is empty, got true"],
  [
    { defaultArguments: { "--conf": "a=1" } },
    'job.defaultArguments must be without --conf: job.sparkConf says it, got {"--conf":"a=1"}',
  ],
  [
    { nonOverridableArguments: { "--TempDir": "s3://t/" } },
    'job.nonOverridableArguments must be without --TempDir: job.tempDir says it, got {"--TempDir":"s3://t/"}',
  ],
  [
    { defaultArguments: { "--endpoint": "x" } },
    'job.defaultArguments must be without --endpoint, which Glue sets itself, got {"--endpoint":"x"}',
  ],
  [
    { defaultArguments: { "--key": "x" } },
    'job.defaultArguments must be without --key: each run is given its own, got {"--key":"x"}',
  ],
  [
    { defaultArguments: { currency: "EUR" } },
    'job.defaultArguments must be with names that start with "--" and have no spaces, got {"currency":"EUR"}',
  ],
  [
    { defaultArguments: { "--a": "1" }, nonOverridableArguments: { "--a": "2" } },
    'job.defaultArguments must be without --a, which job.nonOverridableArguments has, got {"--a":"1"}',
  ],
  [
    { defaultArguments: { "--a": big } },
    'job.defaultArguments must be shorter: a job\'s arguments may have 262144 bytes in all, and a file may carry the rest, got "266243 bytes"',
  ],
  [{ script: missing }, `job.script must be a file that is there, got ${JSON.stringify(fileURLToPath(missing))}`],
  [
    { extraFiles: [missing] },
    `job.extraFiles must be a file or a folder that is there: ${fileURLToPath(missing)} is not, got ${JSON.stringify(typed(missing))}`,
  ],
  [
    { extraPythonFiles: [script, "s3://libs/process_csv.py"] },
    'job.extraPythonFiles must be files of different names, got "process_csv.py"',
  ],
  [{ extraJars: [script] }, `job.extraJars must be files that end in .jar, got ${JSON.stringify(typed(script))}`],
  [
    { extraFiles: ["s3://bucket"] },
    `job.extraFiles must be a file or a folder of this machine, or an object's URI such as s3://my-bucket/folder/file, got "s3://bucket"`,
  ],
  [
    { extraFiles: ["https://x.test/a.json"] },
    `job.extraFiles must be a file or a folder of this machine, or an object's URI such as s3://my-bucket/folder/file, got "https://x.test/a.json"`,
  ],
  [
    { extraFiles: ["s3://bucket/a,b.json"] },
    'job.extraFiles must be files whose names have neither commas nor spaces: Glue takes a list, got "s3://bucket/a,b.json"',
  ],
  [
    { ...size("G.1X", 10), overrides: { maxNumberOfWorkers: 5 } },
    "job.overrides.maxNumberOfWorkers must be a whole number, at least job.numberOfWorkers (10), got 5",
  ],
  [
    { overrides: { maxTimeoutMinutes: 20_000 } },
    "job.overrides.maxTimeoutMinutes must be a whole number from job.timeoutMinutes (60) to 10080, seven days, got 20000",
  ],
  [
    { overrides: { workerTypes: ["G.2X", "G.025X"] } },
    'job.overrides.workerTypes must be types for a Spark job of job.glueVersion 5.1, got "G.025X"',
  ],
  [
    { overrides: { executionClasses: ["FLEX"], workerTypes: ["G.4X"] } },
    'job.overrides.executionClasses must be without FLEX, or job.workerType and job.overrides.workerTypes G.1X and G.2X alone, which FLEX has, not G.4X, got ["FLEX"]',
  ],
  [
    { executionClass: "FLEX", overrides: { workerTypes: ["G.4X"] } },
    'job.overrides.workerTypes must be without G.4X, or job.workerType and job.overrides.workerTypes G.1X and G.2X alone, which FLEX has, got ["G.4X"]',
  ],
  [
    { jobRunQueuing: true, overrides: { executionClasses: ["FLEX"] } },
    'job.overrides.executionClasses must be without FLEX, which waits by itself, or job.jobRunQueuing false, got ["FLEX"]',
  ],
  [
    { kind: "pythonshell", overrides: { maxNumberOfWorkers: 4 } },
    "job.overrides.maxNumberOfWorkers must be left out where job.kind is pythonshell, got 4",
  ],
  [
    { kind: "streaming", overrides: { executionClasses: ["FLEX"] } },
    'job.overrides.executionClasses must be left out where job.kind is streaming, got ["FLEX"]',
  ],
];

const right: readonly AnyJob[] = [
  {},
  { script },
  { kind: "pythonshell", maxCapacity: 0.0625, librarySet: "none", autoScaling: false, datalakeFormats: [] },
  { kind: "ray", workerType: "Z.2X", numberOfWorkers: 1 },
  { kind: "streaming", maintenanceWindow: "Sat:23", ...size("G.025X") },
  { ...size("G.32X", 4) },
  { executionClass: "FLEX", ...size("G.2X") },
  { glueVersion: "4.0", continuousLogging: { filter: false, logStreamPrefix: "runs/", conversionPattern: "%m%n" } },
  { tempDir: "s3://scratch-bucket/tmp/", sparkUi: "s3://scratch-bucket" },
  { defaultArguments: { "--currency": "EUR" }, nonOverridableArguments: { "--region": "eu" } },
  { extraPythonFiles: [scripts, "s3://libs/own.whl"], extraJars: ["s3://libs/a.jar"], userJarsFirst: true },
  { pythonModules: ["pyarrow==21.0.0"], pythonModulesInstallerOption: "--no-deps" },
  { connections: ["db", "net"], bookmarks: "enable", notifyDelayAfterMinutes: 30 },
  { overrides: { workerTypes: ["G.2X"], maxNumberOfWorkers: 50, maxTimeoutMinutes: 120, executionClasses: ["FLEX"] } },
];

describe("The rules of a job", () => {
  for (const [job, ...problems] of wrong) {
    it(`refuse ${JSON.stringify(job).slice(0, 100)}`, () => {
      expect(problemsOf(job)).to.deep.equal(problems);
    });
  }

  for (const job of right) {
    it(`allow ${JSON.stringify(job).slice(0, 100)}`, () => {
      expect(problemsOf(job)).to.deep.equal([]);
    });
  }

  it("allow every workload as it is", () => {
    for (const workload of Object.keys(workloads) as Workload[]) expect(problemsOf({ workload })).to.deep.equal([]);
  });

  it("refuse any field of a job for kinds that do not take it, whatever it asks for", () => {
    const fields = [...new Set(Object.values(takenFields).flat())];
    const kinds = Object.keys(kindsOfJob) as JobKind[];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.constantFrom(...fields), (kind, field) => {
        const isTaken = takenFields[kind].some((taken) => taken === field);
        fc.pre(!isTaken);
        const [problem, ...others] = jobKindRules({ kind, [field]: "asked" });
        expect(others).to.deep.equal([]);
        expect(problem && problemText(problem)).to.match(
          new RegExp(`^job\\.${field} must be left out: it is for .*, got "asked"$`),
        );
      }),
    );
  });

  it("refuse a size exactly where Glue's own rules do", () => {
    const types = Object.keys(workerTypes) as KnownWorkerType[];
    const kinds = ["spark", "streaming", "ray"] as const;
    const job = fc.record({
      kind: fc.constantFrom(...kinds),
      glueVersion: fc.constantFrom("3.0", "4.0", "5.0", "5.1", "6.0"),
      workerType: fc.constantFrom(...types),
      numberOfWorkers: fc.integer({ min: 1, max: 4 }),
      executionClass: fc.constantFrom("STANDARD" as const, "FLEX" as const),
    });
    fc.assert(
      fc.property(job, ({ executionClass, ...rest }) => {
        fc.pre(rest.kind === "spark" || executionClass === "STANDARD");
        fc.pre(rest.kind !== "ray" || rest.glueVersion !== "3.0");
        const given: AnyJob = { ...rest, ...(executionClass === "FLEX" && { executionClass }) };
        const refusedByGlue = (): boolean => {
          try {
            checkWorkers({
              WorkerType: rest.workerType,
              NumberOfWorkers: rest.numberOfWorkers,
              GlueVersion: rest.glueVersion,
              ExecutionClass: executionClass,
              Command: kindsOfJob[rest.kind].command,
            });
            return false;
          } catch {
            return true;
          }
        };
        expect(problemsOf(given).length > 0, JSON.stringify(given)).to.equal(refusedByGlue());
      }),
      { numRuns: 400 },
    );
  });

  it("refuse as an argument whatever a field emits", () => {
    const everything: AnyJob = {
      bookmarks: "pause",
      autoScaling: true,
      continuousLogging: { logStreamPrefix: "p", conversionPattern: "%m" },
      enableMetrics: true,
      enableObservabilityMetrics: true,
      jobInsights: true,
      datalakeFormats: ["hudi"],
      sparkConf: { a: "1" },
      userJarsFirst: true,
      pythonModules: ["a"],
      pythonModulesInstallerOption: "-v",
      librarySet: "none",
      glueDataCatalog: ["sales"],
    };
    const files = { extraPythonFiles: ["s3://b/a.py"], extraJars: ["s3://b/a.jar"], extraFiles: ["s3://b/a"] };
    const emitted = (["3.0", "5.1"] as const).flatMap((glueVersion) =>
      (["spark", "ray"] as const).flatMap((kind) => {
        const job = { ...everything, kind, glueVersion };
        const parts = {
          job,
          settings: jobSettings(job),
          files,
          tempDir: "s3://b/t",
          eventLogs: "s3://b/l",
          logGroup: "g",
        };
        return Object.keys(argumentsFrom(parts));
      }),
    );
    expect(new Set(emitted).size).to.equal(27);
    for (const name of emitted) {
      const field = String(managingField(name));
      expect(problemsOf({ defaultArguments: { [name]: "x" } })).to.deep.equal([
        `job.defaultArguments must be without ${name}: job.${field} says it, got ${JSON.stringify({ [name]: "x" })}`,
      ]);
    }
  });
});
