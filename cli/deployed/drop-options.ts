import { describeFlags, parseFlags, type Flags } from "../lib/flags.ts";
import { checkFiles, type LocalFile } from "../run/files.ts";
import { targetFlags, targetFrom, type Target } from "./target.ts";

/** What `npm run drop` was asked to do, checked. */
export interface DropOptions {
  readonly target: Target;
  readonly files: readonly LocalFile[];
  readonly key: string | undefined;
  readonly isFollowed: boolean;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly json: boolean;
}

const FLAGS: Flags = {
  ...targetFlags,
  key: { value: "KEY", help: "upload the one FILE under this key" },
  follow: { help: "show what happens to the files until they have come to their end (the default)" },
  detach: { help: "end when the files are uploaded" },
  timeout: { value: "TIME", help: "stop following after so long, for example 90s, 30m or 2h (default: never)" },
  json: { help: "print one JSON document instead" },
};

export const dropHelp = `
npm run drop -- FILE… [--stack NAME] [OPTION…]

Uploads the files to the landing bucket of a deployed stack and shows what happens to each until it has come to its end,
as npm start does; where files wait in a queue, the ledger and the executions that take them tell. Where the stack is, and
as whom to speak to it, is read from the stack's outputs and config.

${describeFlags(FLAGS)}

Exit code: 0 if every file succeeded (with --detach: was uploaded to where the pipeline sees it), 1 if not, 2 if the
command line is wrong. Ctrl-C stops following; executions go on.

Examples:
  npm run drop -- orders.csv
  npm run drop -- *.csv --stack prod --timeout 2h
  npm run drop -- orders.csv --key incoming/2026/orders.csv --detach
`;

/** Reads the command line; throws all that is wrong with it at once. */
export function readDropOptions(args: readonly string[], cwd: string): DropOptions {
  const flags = parseFlags(FLAGS, args);
  const { problems: targetProblems, ...target } = targetFrom(flags, cwd);
  const problems = [...targetProblems];

  const checked = checkFiles(flags.operands, cwd);
  if ("problems" in checked) problems.push(...checked.problems);
  if (flags.operands.length === 0) problems.push("FILE is missing: name the files to upload");

  const key = flags.text("key");
  if (key !== undefined && flags.operands.length > 1) {
    problems.push(`--key names one object, and there are ${flags.operands.length} files`);
  }
  if (flags.has("follow") && flags.has("detach")) problems.push("--follow and --detach exclude each other");

  const timeoutText = flags.text("timeout");
  const timeout = timeoutText === undefined ? undefined : milliseconds(timeoutText);
  if (timeoutText !== undefined && timeout === undefined) {
    problems.push(`--timeout must be a time such as 90s, 30m or 2h, got "${timeoutText}"`);
  }
  if (timeoutText !== undefined && flags.has("detach")) problems.push("--timeout is for following, --detach for not");

  flags.check(problems);
  return {
    target,
    files: "problems" in checked ? [] : checked,
    key,
    isFollowed: !flags.has("detach"),
    timeout,
    json: flags.has("json"),
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `1.5h`; undefined: no time. */
export function milliseconds(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? NaN);
  return ms > 0 ? ms : undefined;
}
