import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command, Io } from "./lib/command.ts";
import { firstFailure, runScript, type Step } from "./lib/steps.ts";
import { missingTools, skippedNotice, type MissingTool } from "./lib/stack-tests.ts";
import { SummaryHold } from "./lib/summary-hold.ts";

const HELP = `
npm test [-- MOCHA-OPTION|FILE…]

Checks types, lint rules, format and unused code, then runs the tests and checks their coverage.
Stops at the first step that fails. With options or test files, runs only mocha with them.

The tests under test/stack deploy the local stack with Pulumi's engine on an emulator. They need Python 3.10 to
3.12, Java 17, the Pulumi CLI and its AWS plugin; where one is missing they are not run, and a notice says so. With CI=true that is a failure.
`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOCHA = join(ROOT, "node_modules", "mocha", "bin", "mocha.js");
const STACK_CONFIG = join(ROOT, "test", "stack", ".mocharc.json");
const RAW_COVERAGE = join(ROOT, "coverage", "raw");
const THRESHOLDS = ["--lines=90", "--functions=90", "--statements=90"];

export const command: Command = { name: "npm test", help: HELP, run: runTests };

async function runTests(args: readonly string[], io: Io): Promise<number> {
  if (args.length > 0) return report(await firstFailure([someTests(args)], io), io);
  const missing = await missingTools(io.env);
  const summaries = [new SummaryHold(io.out), new SummaryHold(io.out)] as const;
  const failed = await firstFailure(allSteps(missing, summaries), io);
  for (const summary of summaries) summary.release();
  if (missing.length > 0) io.err(`\n${skippedNotice(missing)}\n`);
  return report(failed, io);
}

function report(failed: Step | undefined, io: Io): number {
  if (failed === undefined) return 0;
  io.err(`\nnpm test: failed at "${failed.title}"\n`);
  return 1;
}

type Summaries = readonly [SummaryHold, SummaryHold];

function allSteps(missing: readonly MissingTool[], summaries: Summaries): readonly Step[] {
  return [
    // First, because whoever set CI wants to know at once.
    { title: "tools", run: ({ env }) => Promise.resolve(missing.length === 0 || env.CI !== "true") },
    tool("types", "typescript", "bin/tsc", ["--noEmit"]),
    tool("lint", "eslint", "bin/eslint.js", [".", "--max-warnings=0"]),
    tool("format", "prettier", "bin/prettier.cjs", ["--check", "--log-level=warn", "."]),
    tool("unused code", "knip", "bin/knip.js", []),
    {
      title: "tests",
      run: (io) => {
        rmSync(RAW_COVERAGE, { recursive: true, force: true });
        return testsWithCoverage([], summaries[0], io);
      },
    },
    ...(missing.length > 0 ? [] : [stackTests(summaries[1])]),
    tool("coverage", "c8", "bin/c8.js", [
      "report",
      `--temp-directory=${RAW_COVERAGE}`,
      "--check-coverage",
      ...THRESHOLDS,
    ]),
  ];
}

const stackTests = (summary: SummaryHold): Step => ({
  title: "tests of the local stack (some minutes, most of them spent waiting for the emulator and Pulumi's provider)",
  run: (io) => testsWithCoverage(["--config", STACK_CONFIG], summary, io),
});

function tool(title: string, packageName: string, script: string, args: readonly string[]): Step {
  return {
    title,
    run: async () => (await runScript(join(ROOT, "node_modules", packageName, script), args, { cwd: ROOT })) === 0,
  };
}

/** Mocha's summaries are kept back, so that they stay the last thing to be read. */
async function testsWithCoverage(args: readonly string[], summary: SummaryHold, io: Io): Promise<boolean> {
  const code = await runScript(MOCHA, [...args, ...(io.isTerminal ? ["--color"] : [])], {
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
    ? ["--no-config", "--node-option=no-experimental-require-module", "--node-option=import=tsx", "--timeout=60000"]
    : [];
  return tool("tests", "mocha", "bin/mocha.js", [...own, ...args]);
}
