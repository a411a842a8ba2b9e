import { MOST_UNASKED } from "../confirm.ts";
import { describeFlags, parseFlags, type Flags } from "../../lib/flags.ts";
import { targetFlags, targetFrom, type Target } from "../target.ts";
import { isToCome, timeOf, timeProblem, toComeProblem } from "../times.ts";

/** What `npm run replay` was asked to do, checked. */
export interface ReplayOptions {
  readonly target: Target;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  readonly prefix: string;
  readonly isDryRun: boolean;
  readonly isMeant: boolean;
  readonly json: boolean;
}

const FLAGS: Flags = {
  ...targetFlags,
  failed: { help: "what has failed; needed, as nothing else can be replayed" },
  since: { value: "TIME", help: "failed then or later: 2026-01-31, 2026-01-31T12:00Z, or 36h, 7d ago" },
  prefix: { value: "P", help: "files whose key begins so" },
  "dry-run": { help: "say what would be taken again, and change nothing" },
  yes: { help: `do not ask; needed for more than ${MOST_UNASKED.toLocaleString("en-US")} files without a terminal` },
  json: { help: "print one JSON document instead" },
};

export const replayHelp = `
npm run replay -- --failed [--stack NAME] [OPTION…]

Takes again what failed on a deployed stack: files of its ledger where it has one, and the messages of its failure queue,
each of which is deleted once what it asks for is under way. A reminder of an execution whose end is not recorded, and what
one told of its end, go back to the queue that they came from. Whatever is replayed twice is done once: a second call, or
one after a call that died, finds what the first has started. A pipeline with stages goes on from the stage that failed.
Step Functions' redrive is of no use here: an execution that failed has ended in a state that it would only enter again.

${describeFlags(FLAGS)}

Exit code: 0 if all that was found is under way (with --dry-run: was counted), 1 if not, 2 if the command line is wrong.

Examples:
  npm run replay -- --failed --dry-run
  npm run replay -- --failed --stack prod --since 24h --prefix incoming/2026/
`;

/** Reads the command line; throws all that is wrong with it at once. */
export function readReplayOptions(args: readonly string[], cwd: string, now: number): ReplayOptions {
  const flags = parseFlags(FLAGS, args);
  const { problems: targetProblems, ...target } = targetFrom(flags, cwd);
  const text = flags.text("since");
  const since = text === undefined ? undefined : timeOf(text, now);
  flags.check([
    ...targetProblems,
    ...(flags.has("failed") ? [] : ["--failed is missing: it says that what has failed is to be taken again"]),
    ...(text !== undefined && since === undefined ? [timeProblem("since", text)] : []),
    ...(text !== undefined && isToCome(since, now) ? [toComeProblem("since", text)] : []),
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
  ]);
  return {
    target,
    since,
    prefix: flags.text("prefix") ?? "",
    isDryRun: flags.has("dry-run"),
    isMeant: flags.has("yes"),
    json: flags.has("json"),
  };
}
