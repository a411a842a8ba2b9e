import type { Command, Io } from "./lib/command.ts";
import { describeFlags, parseFlags, type Flags } from "./lib/flags.ts";
import { programFlags, programFrom } from "./lib/program.ts";
import { definitionsOf, masked } from "./run/machines.ts";
import { evaluate } from "../local/evaluate.ts";

const FLAGS: Flags = {
  ...programFlags,
  mask: { help: "mask what may differ between stacks: Resource strings, account ids and the ends of physical names" },
  json: { help: "is always on: the output is JSON" },
};

const HELP = `
npm run --silent definition -- [--stack NAME] [--program DIR] [--mask]

Evaluates the program for a stack and prints its state machines' definitions, as Step Functions gets them, in one
JSON document: {"machine": {"StartAt": …}}.

${describeFlags(FLAGS)}

Whether two stacks run the same machine:
  npm run --silent definition -- --stack local --mask > local.json
  npm run --silent definition -- --stack prod --mask | diff local.json -
`;

export const command: Command = { name: "npm run definition", help: HELP, run: printDefinitions };

async function printDefinitions(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  const program = programFrom(flags, io.cwd);
  flags.check([
    ...program.problems,
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
  ]);
  const graph = await evaluate(program);
  const definitions = definitionsOf(graph);
  io.out(`${JSON.stringify(flags.has("mask") ? masked(definitions) : definitions, undefined, 2)}\n`);
  return 0;
}
