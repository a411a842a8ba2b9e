import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scenario } from "../../functions/lib/job-definition.ts";
import { describeFlags, parseFlags, type Arguments, type Flags } from "../lib/flags.ts";
import { programFlags, programFrom, type Program } from "../lib/program.ts";
import { OUTCOMES, parseScenario } from "../lib/scenario.ts";
import { readInput, type ExecutionInput } from "./execution-input.ts";
import { checkFiles, type LocalFile } from "./files.ts";
import { outFolderProblem } from "./out-folder.ts";
import { samplesOf } from "./samples.ts";

/** What `npm start` was asked to do, checked. */
export interface StartOptions {
  readonly program: Program;
  readonly files: readonly LocalFile[];
  /** The person has named the files; else they are samples. */
  readonly filesGiven: boolean;
  readonly key: string | undefined;
  /** Starts an execution with it instead of uploading files. */
  readonly input: ExecutionInput | undefined;
  readonly clock: "virtual" | "real";
  /** What does the work of job runs. */
  readonly engine: "stand-in" | "spark";
  readonly seed: number | undefined;
  readonly scenarios: readonly Scenario[];
  /** Absolute. */
  readonly out: string;
  readonly json: boolean;
  readonly debug: boolean;
}

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const SAMPLE = "samples/orders.csv";

const FLAGS: Flags = {
  ...programFlags,
  key: { value: "KEY", help: "upload the one FILE under this key" },
  input: {
    value: "JSON|@FILE",
    help: "upload nothing: start an execution of the machine that the output stateMachineArn names\n(default, of a program that watches for no files: its output startInput)",
  },
  clock: {
    value: "virtual|real",
    choices: ["virtual", "real"],
    help: "skip waiting times, or live them (default: virtual)",
  },
  engine: {
    value: "stand-in|spark",
    choices: ["stand-in", "spark"],
    help: "do the jobs' work by their stand-ins, or run their scripts by Spark and Python on\nthis machine: needs Java and Python (default: stand-in)",
  },
  seed: { value: "N", help: "the same seed gives the same run (default: the stack's)" },
  scenario: {
    value: "PATTERN=OUTCOME[@ATTEMPTS][ in STAGE]",
    repeatable: true,
    help: `how job runs end for keys that match; repeatable, the first that fits decides\n${outcomeList()}`,
  },
  out: { value: "DIR", help: "where the buckets are kept on disk; emptied at the start (default: out)" },
  json: { help: "print one JSON document instead" },
};

export const startHelp = `
npm start -- [FILE…] [OPTION…]

Runs the pipeline on this machine: evaluates the Pulumi program, uploads the files to its landing bucket and shows what
happens to each until it has come to its end. Nothing else is needed: no AWS, no emulator. Without FILEs it takes the
sample, of another program all files of its folder samples, in the order of their names; hidden ones stay.

${describeFlags(FLAGS)}

Exit code: 0 if every file and execution succeeded, 1 if not, 2 if the command line is wrong.

Examples:
  npm start
  npm start -- orders.csv --scenario '*=FAILED@1'
  npm start -- *.csv --stack prod --set maxAttempts=5 --json
  npm start -- --program examples/cost --scenario '*=FAILED in Medium'
`;

function outcomeList(): string {
  return `(${OUTCOMES.slice(0, 6).join(", ")},\nor an error of StartJobRun such as ConcurrentRunsExceededException)`;
}

/** Reads the command line; throws all that is wrong with it at once. */
export function readStartOptions(args: readonly string[], cwd: string): StartOptions {
  const flags = parseFlags(FLAGS, args);
  const { problems: programProblems, ...program } = programFrom(flags, cwd);
  const problems = [...programProblems];

  const inputText = flags.text("input");
  const input = inputText === undefined ? undefined : readInput(inputText, cwd);
  if (typeof input === "string") problems.push(input);
  const filesGiven = flags.operands.length > 0;
  const checked = filesGiven ? checkFiles(flags.operands, cwd) : input === undefined ? samples(program) : [];
  if ("problems" in checked) problems.push(...checked.problems);
  const files = "problems" in checked ? [] : checked;

  const key = flags.text("key");
  if (key !== undefined && flags.operands.length > 1) {
    problems.push(`--key names one object, and there are ${flags.operands.length} files`);
  }

  if (inputText !== undefined) problems.push(...inputProblems(flags));

  const scenarios: Scenario[] = [];
  for (const text of flags.list("scenario")) {
    const scenario = parseScenario(text);
    if (typeof scenario === "string") problems.push(scenario);
    else scenarios.push(scenario);
  }

  const seedText = flags.text("seed");
  const seed = seedText === undefined ? undefined : Number(seedText);
  if (seed !== undefined && !(Number.isSafeInteger(seed) && /^\d+$/.test(seedText ?? ""))) {
    problems.push(`--seed must be a whole number from 0, got "${seedText ?? ""}"`);
  }

  const out = resolve(cwd, flags.text("out") ?? "out");
  const outProblem = outFolderProblem(out);
  if (outProblem !== undefined) problems.push(outProblem);
  if (files.some(({ path }) => path.startsWith(join(out, "/")))) {
    problems.push(`--out is emptied at the start, and a file to upload is in it: ${out}`);
  }

  flags.check(problems);
  return {
    program,
    files,
    filesGiven,
    key,
    input: typeof input === "string" ? undefined : input,
    clock: flags.text("clock") === "real" ? "real" : "virtual",
    engine: flags.text("engine") === "spark" ? "spark" : "stand-in",
    seed,
    scenarios,
    out,
    json: flags.has("json"),
    debug: flags.has("debug"),
  };
}

const samples = ({ directory }: Program): ReturnType<typeof checkFiles> =>
  resolve(directory) === resolve(PROJECT) || !existsSync(directory)
    ? checkFiles([SAMPLE], PROJECT)
    : samplesOf(directory);

/** An execution that is started has no file. */
const inputProblems = (flags: Arguments): readonly string[] => [
  ...(flags.operands.length > 0 ? ["--input starts an execution without a file: leave out the FILEs, or --input"] : []),
  ...(flags.has("key") ? ["--key is for a FILE, and --input starts an execution without one"] : []),
];
