import { describeFlags, parseFlags, type Flags } from "../lib/flags.ts";

/** What `npm run emulator` was asked to do, checked. */
export interface EmulatorOptions {
  readonly action: "start" | "stop" | "status";
  readonly host: string;
  readonly port: number;
  readonly persist: boolean;
  readonly mends: boolean;
  readonly foreground: boolean;
  /** Undefined: as many as the machine's cores allow. */
  readonly processes: number | undefined;
  readonly json: boolean;
}

const ACTIONS = ["start", "stop", "status"] as const;
const LOOPBACK = "127.0.0.1";
const PORT = 4566;
const HIGHEST_PORT = 65_535;

const FLAGS: Flags = {
  port: { value: "PORT", help: `where it answers (default: ${PORT}, as Pulumi.local.yaml has it)` },
  host: { value: "ADDRESS", help: `the IPv4 address to listen at (default: ${LOOPBACK}); others need --allow-remote` },
  "allow-remote": { help: "let other machines in: whoever reaches the emulator can run programs on this machine" },
  persist: { help: "keep what it holds when it is stopped, for the next start with --persist" },
  processes: { value: "N", help: "most processes of functions at once (default: twice the cores, at least 8)" },
  "no-mends": { help: "leave the emulator's faults as they are" },
  foreground: { help: "stay until Ctrl-C, then stop it" },
  json: { help: "print one JSON document instead" },
};

export const emulatorHelp = `
npm run emulator [-- start|status|stop] [OPTION…]

Sees to it that an AWS emulator answers on this machine. One that runs already is used, whichever it is. Otherwise
MiniStack is started in the background; the first time, its packages are installed (Python 3.10 or newer is needed).

  start   the default
  status  who answers, with which mends, and how much it holds
  stop    ends the emulator that was started here, and no other

${describeFlags(FLAGS)}

Exit code: 0 if an emulator answers (stop: if none that was started here is left), 1 if not, 2 if the command line is
wrong.

Examples:
  npm run emulator
  npm run emulator -- --port 4577 --persist
  npm run emulator -- stop
`;

/** Reads the command line; throws all that is wrong with it at once. */
export function readEmulatorOptions(args: readonly string[]): EmulatorOptions {
  const flags = parseFlags(FLAGS, args);
  const problems: string[] = [];

  const [word = "start", ...others] = flags.operands;
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined) problems.push(`"${word}" is not an action; there are ${ACTIONS.join(", ")}`);
  for (const other of others) problems.push(`"${other}" is not expected: one action is enough`);

  const port = wholeNumber("port", flags.text("port"), PORT, HIGHEST_PORT, problems);
  const processes = wholeNumber("processes", flags.text("processes"), undefined, 1000, problems);

  const given = flags.text("host") ?? LOOPBACK;
  const host = given === "localhost" ? LOOPBACK : given;
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(host))
    problems.push(`--host must be an IPv4 address or localhost, got "${given}"`);
  else if (host !== LOOPBACK && !flags.has("allow-remote"))
    problems.push(`--host must be ${LOOPBACK} unless --allow-remote is given, got "${given}"`);
  if (flags.has("no-mends") && processes !== undefined) problems.push("--processes has no effect with --no-mends");
  if (action === "status" || action === "stop") {
    const others = ["persist", "processes", "no-mends", "foreground", ...(action === "stop" ? ["json"] : [])];
    for (const name of others) if (flags.has(name)) problems.push(`--${name} has no effect with ${action}`);
  } else if (flags.has("foreground") && flags.has("json")) problems.push("--json has no effect with --foreground");

  flags.check(problems);
  return {
    action: action ?? "start",
    host,
    port: port ?? PORT,
    persist: flags.has("persist"),
    mends: !flags.has("no-mends"),
    foreground: flags.has("foreground"),
    processes,
    json: flags.has("json"),
  };
}

function wholeNumber(
  name: string,
  text: string | undefined,
  unset: number | undefined,
  highest: number,
  problems: string[],
): number | undefined {
  if (text === undefined) return unset;
  if (/^[1-9]\d*$/.test(text) && Number(text) <= highest) return Number(text);
  problems.push(`--${name} must be a whole number from 1 to ${highest}, got "${text}"`);
  return unset;
}
