import { describeFlags, parseFlags, type Flags } from "../lib/flags.ts";
import { targetFlags, targetFrom, type Target } from "./target.ts";

/** What `npm run status` was asked to do, checked. */
export interface StatusOptions {
  readonly target: Target;
  readonly limit: number;
  readonly json: boolean;
}

const DEFAULT_LIMIT = 10;
const HIGHEST_LIMIT = 100;

const FLAGS: Flags = {
  ...targetFlags,
  limit: { value: "N", help: `show so many files of each kind, at most ${HIGHEST_LIMIT} (default: ${DEFAULT_LIMIT})` },
  json: { help: "print one JSON document instead" },
};

export const statusHelp = `
npm run status [-- --stack NAME] [OPTION…]

Shows how a deployed stack is doing: which files are on their way, which have come to their end and how, which failed and
why, and how full the failure queue is. Changes nothing; SQS counts the look at a message as a receipt.

${describeFlags(FLAGS)}

Exit code: 0 if all this could be read, whatever it says, 1 if not, 2 if the command line is wrong.
`;

/** Reads the command line; throws all that is wrong with it at once. */
export function readStatusOptions(args: readonly string[], cwd: string): StatusOptions {
  const flags = parseFlags(FLAGS, args);
  const { problems: targetProblems, ...target } = targetFrom(flags, cwd);
  const text = flags.text("limit") ?? String(DEFAULT_LIMIT);
  const limit = Number(text);
  flags.check([
    ...targetProblems,
    ...(/^\d+$/.test(text) && limit >= 1 && limit <= HIGHEST_LIMIT
      ? []
      : [`--limit must be a whole number from 1 to ${HIGHEST_LIMIT}, got "${text}"`]),
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
  ]);
  return { target, limit, json: flags.has("json") };
}
