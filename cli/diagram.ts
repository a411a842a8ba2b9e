import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { evaluate } from "../local/evaluate.ts";
import { mermaidOf } from "./diagram/mermaid.ts";
import { readReadme, withDiagram } from "./diagram/readme.ts";
import type { Command, Io } from "./lib/command.ts";
import { describeFlags, parseFlags, type Flags } from "./lib/flags.ts";
import { programFlags, programFrom } from "./lib/program.ts";
import { definitionsOf } from "./run/machines.ts";

const FLAGS: Flags = {
  ...programFlags,
  all: { help: "draw all states, those of a job and those after a failure included" },
  write: { help: "put the drawing into the program's README.md" },
  check: { help: "say whether the drawing in the README.md is current: exit code 1 if it is not" },
};

const HELP = `
npm run --silent diagram -- [--program DIR] [--stack NAME] [--all] [--write|--check]

Draws the program's state machines as a Mermaid flowchart, made from the definitions that Step Functions gets. A job is
one box, and what only a failure leads to is left out. In a README.md the drawing stands between the lines
<!-- diagram --> and <!-- /diagram -->.

${describeFlags(FLAGS)}

Examples:
  npm run --silent diagram
  npm run diagram -- --program examples/cost --write
`;

export const command: Command = { name: "npm run diagram", help: HELP, run: draw };

async function draw(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  const { problems, ...program } = programFrom(flags, io.cwd);
  flags.check([
    ...problems,
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
    ...(flags.has("write") && flags.has("check") ? ["--write and --check do not go together"] : []),
  ]);
  const path = join(program.directory, "README.md");
  const readme = flags.has("write") || flags.has("check") ? readReadme(path) : undefined;
  const definitions = definitionsOf(await evaluate(program));
  if (Object.keys(definitions).length === 0)
    throw new Error(`stack ${program.stack} declares no state machine: there is nothing to draw`);
  const mermaid = mermaidOf(definitions, { all: flags.has("all") });
  if (readme === undefined) {
    io.out(`${mermaid}\n`);
    return 0;
  }
  const name = relative(io.cwd, path);
  const current = withDiagram(readme, mermaid);
  if (current === readme.text) {
    io.out(`The drawing in ${name} is current.\n`);
    return 0;
  }
  if (flags.has("check")) {
    const folder = relative(io.cwd, program.directory);
    const option = folder === "" ? "" : ` --program ${folder}`;
    io.err(`The drawing in ${name} is not current: npm run diagram --${option} --write\n`);
    return 1;
  }
  writeFileSync(path, current);
  io.out(`The drawing in ${name} is current now.\n`);
  return 0;
}
