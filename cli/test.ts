import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command, Io } from "./lib/command.ts";
import { firstFailure, runScript, type Step } from "./lib/steps.ts";
import { SummaryHold } from "./lib/summary-hold.ts";

const HELP = `
npm test [-- MOCHA-OPTION|FILE…]

Checks types, lint rules, format and unused code, then runs the tests and checks their coverage.
Stops at the first step that fails. With options or test files, runs only mocha with them.
`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOCHA = join(ROOT, "node_modules", "mocha", "bin", "mocha.js");
const RAW_COVERAGE = join(ROOT, "coverage", "raw");
const THRESHOLDS = ["--lines=90", "--functions=90", "--statements=90"];

export const command: Command = { name: "npm test", help: HELP, run: runTests };

async function runTests(args: readonly string[], io: Io): Promise<number> {
  const summary = new SummaryHold(io.out);
  const failed = await firstFailure(args.length > 0 ? [someTests(args)] : allSteps(summary), io);
  summary.release();
  if (failed === undefined) return 0;
  io.err(`\nnpm test: failed at "${failed.title}"\n`);
  return 1;
}

function allSteps(summary: SummaryHold): readonly Step[] {
  return [
    tool("types", "typescript", "bin/tsc", ["--noEmit"]),
    tool("lint", "eslint", "bin/eslint.js", [".", "--max-warnings=0"]),
    tool("format", "prettier", "bin/prettier.cjs", ["--check", "--log-level=warn", "."]),
    tool("unused code", "knip", "bin/knip.js", []),
    { title: "tests", run: (io) => testsWithCoverage(summary, io) },
    tool("coverage", "c8", "bin/c8.js", [
      "report",
      `--temp-directory=${RAW_COVERAGE}`,
      "--check-coverage",
      ...THRESHOLDS,
    ]),
  ];
}

function tool(title: string, packageName: string, script: string, args: readonly string[]): Step {
  return {
    title,
    run: async () => (await runScript(join(ROOT, "node_modules", packageName, script), args, { cwd: ROOT })) === 0,
  };
}

/** Mocha's summary is kept back, so that it stays the last thing to be read. */
async function testsWithCoverage(summary: SummaryHold, io: Io): Promise<boolean> {
  rmSync(RAW_COVERAGE, { recursive: true, force: true });
  const code = await runScript(MOCHA, io.isTerminal ? ["--color"] : [], {
    cwd: ROOT,
    env: { ...io.env, NODE_V8_COVERAGE: RAW_COVERAGE },
    onOutput: (text) => {
      summary.write(text);
    },
  });
  if (code !== 0) summary.release();
  return code === 0;
}

/** Given files take the place of the configured ones, which mocha would add to them. */
function someTests(args: readonly string[]): Step {
  const hasFiles = args.some((arg) => arg.endsWith(".test.ts"));
  const own = hasFiles
    ? ["--no-config", "--node-option=no-experimental-require-module", "--node-option=import=tsx", "--timeout=20000"]
    : [];
  return tool("tests", "mocha", "bin/mocha.js", [...own, ...args]);
}
