import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Arrival, DurationModel, Quotas, Size } from "../../local/capacity/workload.ts";
import { count } from "../render/format.ts";
import { describeFlags, parseFlags, type Arguments, type Flags } from "../lib/flags.ts";
import { keyProblems, programFlags, programFrom, type Program } from "../lib/program.ts";
import { readComparisons, type ComparedKey } from "./options/compare.ts";
import { quotaNames, readQuotas } from "./options/quotas.ts";
import { reportProblems } from "./options/report.ts";
import { readTrace } from "./options/trace.ts";
import { readSeconds, readWhole, type Read } from "./options/units.ts";
import { readArrival, readDuration, readSize, type ArrivalChoice } from "./options/workload.ts";

/** What `npm run simulate` was asked to do, checked. */
export interface SimulateOptions {
  readonly program: Program;
  readonly files: number;
  readonly overSeconds: number;
  readonly arrival: Arrival;
  /** The trace's file, as it was given. */
  readonly traceFile: string | undefined;
  readonly size: Size;
  /** Files are versions of so many keys; undefined: each has its own, unless the trace says of which key it is. */
  readonly keys: number | undefined;
  /** What was said about runs; what was not is the stack's to say. */
  readonly duration: Partial<DurationModel> | undefined;
  readonly quotas: Partial<Quotas>;
  readonly seed: number;
  readonly compared: readonly ComparedKey[];
  /** Absolute. */
  readonly report: string | undefined;
  readonly json: boolean;
  readonly debug: boolean;
}

const STACK = "prod";
const DEFAULTS = { files: "10000", over: "1h", arrival: "poisson", size: "fixed:1MiB", seed: "1" };
const MOST_FILES = 10_000_000;
const DAY = 86_400;
const LONGEST = 366 * DAY;

const FLAGS: Flags = {
  files: { value: "N", help: `so many files land (default: ${DEFAULTS.files})` },
  over: { value: "TIME", help: `in so much time: s, min, h or d (default: ${DEFAULTS.over})` },
  arrival: {
    value: "even|poisson|burst:N|FILE.csv",
    help: `evenly, at random, all at once N times, or as a file tells with the header\n"seconds" or "time", ",bytes" and ",key" (default: ${DEFAULTS.arrival})`,
  },
  size: {
    value: "fixed:SIZE|lognormal:MEDIAN,SIGMA|trace",
    help: `how large files are: B, kB, KiB, MB, MiB, GB, GiB (default: ${DEFAULTS.size}, or the file's bytes)`,
  },
  keys: {
    value: "N",
    help: "files are versions of N keys, at random, which counts with fileOrder=per-key\n(default: each has its own, or the file's column key)",
  },
  duration: {
    value: "TIME|PART:VALUE,…",
    help: "how long runs take: 60s, or fixed:20,perFile:0.2,perMiB:1,sigma:0.3,startUp:25 in\nseconds, failures:0.01 (default: as the stack's simulated runs, none of which fails)",
  },
  ...programFlags,
  stack: { value: "NAME", help: `the stack to take the config of (default: ${STACK})` },
  quota: {
    value: "NAME=VALUE",
    repeatable: true,
    help: `what AWS allows your account; repeatable: ${folded(quotaNames)}`,
  },
  compare: {
    value: "KEY=VALUE,VALUE…",
    repeatable: true,
    help: "simulate once with each value of a config key, and tabulate; repeatable: each with each",
  },
  seed: { value: "N", help: `the same seed gives the same figures (default: ${DEFAULTS.seed})` },
  report: { value: "FILE.html", help: "write a report with charts, one file that needs no network" },
  json: { help: "print one JSON document instead; in a pipe, npm run -s keeps npm's own lines out of it" },
};

export const simulateHelp = `
npm run simulate -- [OPTION…]

Says what a design will do and cost before it is deployed: evaluates the Pulumi program for a stack and takes files by
the million through its own state machine, retries and limits, on a virtual clock and against AWS's quotas.
docs/capacity.md says what is simulated, and what is not.

${describeFlags(FLAGS)}

Exit code: 0 if it was simulated, whatever came of the files, 1 if not, 2 if the command line is wrong.

Examples:
  npm run simulate -- --files 1000000 --over 24h --duration fixed:20,perFile:0.2
  npm run simulate -- --files 50000 --over 6h --arrival burst:6 --compare completion=poll,sync,event
  npm run simulate -- --arrival landed.csv --set maxConcurrentRuns=100 --report capacity.html
`;

function folded(names: string): string {
  const words = names.split(" ");
  return `${words.slice(0, 1).join(" ")}\n${words.slice(1, 5).join(" ")}\n${words.slice(5).join(" ")}`;
}

/** Reads the command line, and the trace that it names; throws all that is wrong with them at once. */
export async function readSimulateOptions(args: readonly string[], cwd: string): Promise<SimulateOptions> {
  const flags = parseFlags(FLAGS, args);
  const { problems: programProblems, ...program } = programFrom(flags, cwd, STACK);
  const problems = [...programProblems];
  const read = <Value>(name: keyof typeof DEFAULTS, reader: (text: string) => Read<Value>): Value | undefined => {
    const text = flags.text(name) ?? DEFAULTS[name];
    const value = reader(text);
    if ("value" in value) return value.value;
    problems.push(`--${name} ${value.problem}, got "${text}"`);
    return undefined;
  };

  const files = read("files", (text) => readWhole(text, { min: 1, max: MOST_FILES }));
  const over = read("over", readOver);
  const choice = read("arrival", readArrival);
  const size = read("size", readSize);
  const seed = read("seed", (text) => readWhole(text, { min: 0, max: Number.MAX_SAFE_INTEGER }));
  const keys = flags.has("keys") ? readWhole(flags.text("keys") ?? "", { min: 1, max: MOST_FILES }) : undefined;
  if (keys !== undefined && "problem" in keys)
    problems.push(`--keys ${keys.problem}, got "${flags.text("keys") ?? ""}"`);
  const duration = readDuration(flags.text("duration") ?? "0s");
  if ("problem" in duration) problems.push(`--duration: ${duration.problem}, got "${flags.text("duration") ?? ""}"`);
  const { quotas, problems: quotaProblems } = readQuotas(flags.list("quota"));
  const { compared, problems: comparisonProblems } = readComparisons(flags.list("compare"));
  const report = flags.text("report");
  const reportPath = report === undefined ? undefined : resolve(cwd, report);
  problems.push(
    ...quotaProblems,
    ...comparisonProblems,
    ...comparedKeyProblems(program, compared),
    ...(report === undefined ? [] : reportProblems(report, cwd)),
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
  );

  const { problems: landingProblems, ...landing } = await landingOf(choice, size, flags, {
    cwd,
    files: files ?? 1,
    over: over ?? 1,
  });
  flags.check([...problems, ...landingProblems]);
  return {
    program,
    ...landing,
    keys: keys !== undefined && "value" in keys ? keys.value : undefined,
    duration: flags.has("duration") && "value" in duration ? duration.value : undefined,
    quotas,
    seed: seed ?? 0,
    compared,
    report: reportPath,
    json: flags.has("json"),
    debug: flags.has("debug"),
  };
}

const readOver = (text: string): Read<number> => {
  const seconds = readSeconds(text);
  if ("problem" in seconds) return seconds;
  return seconds.value > 0 && seconds.value <= LONGEST ? seconds : { problem: "must be more than 0s and at most 366d" };
};

type Landing = Pick<SimulateOptions, "files" | "overSeconds" | "arrival" | "traceFile" | "size"> & {
  readonly problems: readonly string[];
};

/** What lands when. A trace says by itself how many files, and over which time. */
async function landingOf(
  choice: ArrivalChoice | undefined,
  size: Size | undefined,
  flags: Arguments,
  { cwd, files, over }: { readonly cwd: string; readonly files: number; readonly over: number },
): Promise<Landing> {
  const sized = size ?? { kind: "fixed", bytes: 0 };
  if (choice?.kind !== "file") {
    const problems = sized.kind === "trace" ? ["--size trace needs --arrival FILE.csv with a column bytes"] : [];
    return {
      files,
      overSeconds: over,
      arrival: choice ?? { kind: "even" },
      traceFile: undefined,
      size: sized,
      problems,
    };
  }
  const { path: traceFile } = choice;
  const excess = ["files", "over"].filter((name) => flags.has(name));
  const problems = excess.map((name) => `--${name} is not for --arrival ${traceFile}: the file says it`);
  const failed = (more: readonly string[]): Landing => ({
    ...{ files, overSeconds: over, arrival: { kind: "even" }, traceFile, size: sized },
    problems: [...problems, ...more.map((problem) => `--arrival ${traceFile}: ${problem}`)],
  });
  const path = resolve(cwd, traceFile);
  if (!existsSync(path)) return failed(["there is no such file"]);
  if (!statSync(path).isFile()) return failed(["it is not a file"]);
  const trace = await readTrace(path);
  if ("problems" in trace) return failed(trace.problems);
  if (sized.kind === "trace" && trace.bytes === undefined) return failed(["--size trace needs its column bytes"]);
  const last = trace.at.at(-1) ?? 0;
  if (last > LONGEST) return failed([tooLong(last)]);
  if (trace.keys !== undefined && flags.has("keys"))
    problems.push(`--keys is not for --arrival ${traceFile}: it has a column key`);
  const usesItsBytes = trace.bytes !== undefined && !flags.has("size");
  return {
    files: trace.at.length,
    // What lands all at one time lands within a second.
    overSeconds: Math.max(1, last),
    arrival: { kind: "trace", ...trace },
    traceFile,
    size: usesItsBytes ? { kind: "trace" } : sized,
    problems,
  };
}

const comparedKeyProblems = ({ directory, config }: Program, compared: readonly ComparedKey[]): readonly string[] => [
  ...keyProblems(
    "--compare",
    directory,
    compared.map(({ key }) => key),
  ),
  ...compared.flatMap(({ key }) => (key in config ? [`--compare ${key} and --set ${key} do not go together`] : [])),
];

/** Most likely moments that stand where seconds from the start are expected. */
const tooLong = (seconds: number): string =>
  `its last file lands after ${count(Math.floor(seconds / DAY))} d, and ${LONGEST / DAY} d are the most; ` +
  "seconds count from the start, moments go in a column time";
