import { describeFlags, parseFlags, type Flags } from "../lib/flags.ts";
import { targetFlags, targetFrom, type Target } from "./target.ts";

/** What `npm run status` was asked to do, checked. */
export interface StatusOptions {
  readonly target: Target;
  readonly limit: number;
  /** All about this one key instead. */
  readonly file: string | undefined;
  readonly json: boolean;
}

const DEFAULT_LIMIT = 10;
const HIGHEST_LIMIT = 100;

const FLAGS: Flags = {
  ...targetFlags,
  limit: { value: "N", help: `show so many files of each kind, at most ${HIGHEST_LIMIT} (default: ${DEFAULT_LIMIT})` },
  file: { value: "KEY", help: "show what is known of the versions of this one file instead" },
  json: { help: "print one JSON document instead" },
};

export const statusHelp = `
npm run status [-- [KEY] --stack NAME] [OPTION…]

Shows how a deployed stack is doing: which files are on their way, which have come to their end and how, which failed and
why, and how full the failure queue is; where the stack has a ledger, how many files are in each state. With a KEY, what
is known of that file. Changes nothing; SQS counts the look at a message as a receipt.

${describeFlags(FLAGS)}

Exit code: 0 if all this could be read, whatever it says, 1 if not or if there is no such KEY, 2 if the command line is
wrong.
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
    ...flags.operands
      .slice(flags.has("file") ? 0 : 1)
      .map((operand) => `"${operand}" is not expected: this command takes one KEY, or --file KEY`),
    ...(flags.operands[0] === "" ? ["KEY must not be empty: leave it out to see how the stack is doing"] : []),
  ]);
  return { target, limit, file: flags.text("file") ?? flags.operands[0], json: flags.has("json") };
}
