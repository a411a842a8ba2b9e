/** What a command may touch of the process that runs it. */
export interface Io {
  /** Standard output, without a newline added. */
  readonly out: (text: string) => void;
  /** Standard error, without a newline added. */
  readonly err: (text: string) => void;
  /** Relative paths start here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output is a terminal: colour and lines that are rewritten make sense. */
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; infinite where lines go to a file or a pipe. */
  readonly columns: number;
  /** Milliseconds since the epoch, by the wall's clock. */
  readonly now: () => number;
  /** Asks the person at the terminal, and gives the line that they type; absent where there is nobody to ask. */
  readonly ask?: (question: string) => Promise<string>;
}

/** A command for people. */
export interface Command {
  /** As it is typed, for example `npm start`. */
  readonly name: string;
  readonly help: string;
  /** Resolves with the exit code. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>;
}

/** The person has to change the command line. Carries every problem found, so that one look is enough. */
export class UsageError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const SUCCESS = 0;
const FAILURE = 1;
const USAGE = 2;

/** Runs a command: answers `--help`, turns errors into readable lines, gives the exit code. */
export async function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  const flags = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  if (flags.includes("--help") || flags.includes("-h")) {
    io.out(`${command.help.trim()}\n`);
    return SUCCESS;
  }
  try {
    return await command.run(args, io);
  } catch (error) {
    io.err(explain(command.name, error, flags.includes("--debug")));
    return error instanceof UsageError ? USAGE : FAILURE;
  }
}

function explain(name: string, error: unknown, debug: boolean): string {
  if (error instanceof UsageError) {
    const heading = error.problems.length === 1 ? "" : `${error.problems.length} problems\n`;
    const lines = error.problems.map((problem) => (heading === "" ? problem : `  ${problem}`)).join("\n");
    return `${name}: ${heading}${lines}\nAll options: ${name}${name.startsWith("npm") ? " --" : ""} --help\n`;
  }
  if (!(error instanceof Error)) return `${name}: ${String(error)}\n`;
  if (debug) return `${name}: ${error.stack ?? error.message}\n`;
  // An error with a name of its own was written for the person; any other one is a surprise.
  const hint = error.name === "Error" || error instanceof TypeError ? "\n(--debug shows where this comes from)" : "";
  return `${name}: ${error.message === "" ? error.name : error.message}${hint}\n`;
}
