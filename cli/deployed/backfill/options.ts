import { describeFlags, parseFlags, type Flags } from "../../lib/flags.ts";
import { MOST_UNASKED } from "../confirm.ts";
import { targetFlags, targetFrom, type Target } from "../target.ts";
import { isToCome, timeOf, timeProblem, toComeProblem } from "../times.ts";

/** What `npm run backfill` was asked to do, checked. Times are milliseconds since the epoch. */
export interface BackfillOptions {
  readonly target: Target;
  /** Undefined: all that lands. */
  readonly prefix: string | undefined;
  readonly suffix: string;
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly limit: number | undefined;
  /** Files a second. */
  readonly rate: number | undefined;
  readonly isDryRun: boolean;
  readonly isMeant: boolean;
  readonly startsOver: boolean;
  readonly json: boolean;
  /** What is to be sent, in the words of the command line: a time such as 7d is another one each time. */
  readonly typed: Readonly<Record<string, string | undefined>>;
}

/** Files a second: with a queue the queue paces what follows, without one the executions start at once. */
export const RATES = { queued: 1000, direct: 20, highest: 10_000 };

const FLAGS: Flags = {
  ...targetFlags,
  prefix: { value: "P", help: "files whose key begins so (default: all that land)" },
  suffix: { value: "S", help: "files whose key ends so" },
  since: { value: "TIME", help: "landed then or later: 2026-01-31, 2026-01-31T12:00Z, or 36h, 7d ago" },
  until: { value: "TIME", help: "landed then or before (default: now)" },
  limit: { value: "N", help: "the first N of them" },
  rate: {
    value: "R",
    help: `files a second (default: ${RATES.queued} where they wait in a queue, else ${RATES.direct})`,
  },
  "dry-run": { help: "say what would be sent, with some of the keys, and send nothing" },
  yes: { help: `do not ask; needed for more than ${MOST_UNASKED.toLocaleString("en-US")} files without a terminal` },
  restart: { help: "begin at the beginning instead of where an interrupted backfill was" },
  json: { help: "print one JSON document instead" },
};

const SELECTING = ["prefix", "suffix", "since", "until", "limit"];

export const backfillHelp = `
npm run backfill -- --stack NAME [--prefix P] [OPTION…]

Sends files that are in the landing bucket of a deployed stack to its dispatcher, the latest version of each, as S3 would
have told of them. A version that had an execution in the last 90 days gets no second one. Says first how many files
there are, how many are known already, and what they will take and cost.

${describeFlags(FLAGS)}

An interrupted backfill goes on where it was when it is called the same way again; what it remembers is below
.glue-pipeline/ in the program's folder.

Exit code: 0 if all files were sent (with --dry-run: counted), 1 if not, 2 if the command line is wrong.

Examples:
  npm run backfill -- --prefix incoming/2026/ --dry-run
  npm run backfill -- --stack prod --since 7d --rate 200 --yes
`;

/** Reads the command line; throws all that is wrong with it at once. */
export function readBackfillOptions(args: readonly string[], cwd: string, now: number): BackfillOptions {
  const flags = parseFlags(FLAGS, args);
  const { problems: targetProblems, ...target } = targetFrom(flags, cwd);
  const problems = [...targetProblems];

  const timeIn = (name: string): number | undefined => {
    const text = flags.text(name);
    const time = text === undefined ? undefined : timeOf(text, now);
    if (text !== undefined && time === undefined) problems.push(timeProblem(name, text));
    return time;
  };
  const numberIn = (name: string, what: string, isAllowed: (value: number) => boolean): number | undefined => {
    const text = flags.text(name);
    const value = text === undefined || !/^\d+(\.\d+)?$/.test(text) ? NaN : Number(text);
    if (isAllowed(value)) return value;
    if (text !== undefined) problems.push(`--${name} must be ${what}, got "${text}"`);
    return undefined;
  };
  const [since, until] = [timeIn("since"), timeIn("until")];
  if (isToCome(since, now)) problems.push(toComeProblem("since", flags.text("since") ?? ""));
  if (since !== undefined && until !== undefined && since >= until) {
    problems.push("--since must be before --until: no file lands in between");
  }
  const limit = numberIn("limit", "a whole number from 1", (value) => Number.isSafeInteger(value) && value >= 1);
  const rate = numberIn(
    "rate",
    `a number of files a second from 0.1 to ${RATES.highest.toLocaleString("en-US")}`,
    (value) => value >= 0.1 && value <= RATES.highest,
  );
  flags.check([
    ...problems,
    ...flags.operands.map((operand) => `"${operand}" is not expected: this command takes options only`),
  ]);
  return {
    target,
    prefix: flags.text("prefix"),
    suffix: flags.text("suffix") ?? "",
    since,
    until,
    limit,
    rate,
    isDryRun: flags.has("dry-run"),
    isMeant: flags.has("yes"),
    startsOver: flags.has("restart"),
    json: flags.has("json"),
    typed: Object.fromEntries(SELECTING.map((name) => [name, flags.text(name)])),
  };
}
