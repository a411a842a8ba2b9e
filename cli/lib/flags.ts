import { parseArgs } from "node:util";
import { UsageError } from "./command.ts";
import { suggestion } from "../../components/suggestion.ts";

/** An option of a command. Without `value` it is a switch. */
export interface Flag {
  /** What the help calls its value, for example NAME. */
  readonly value?: string;
  /** May be given more than once. */
  readonly repeatable?: boolean;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** A command line, read. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    values: ReadonlyMap<string, readonly string[]>,
    /** What is not an option, in order. */
    readonly operands: readonly string[],
    /** What is wrong so far; commands add their own before they throw. */
    readonly problems: readonly string[],
  ) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Throws all that is wrong, at once. */
  check(more: readonly string[] = []): void {
    const problems = [...this.problems, ...more];
    if (problems.length > 0) throw new UsageError(problems);
  }
}

/** Every command has these. */
const COMMON: Flags = {
  debug: { help: "show where an error comes from" },
  help: { help: "show this" },
};

/** Reads a command line without stopping at its first problem. */
export function parseFlags(own: Flags, args: readonly string[]): Arguments {
  const flags = { ...own, ...COMMON };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      { type: flag.value === undefined ? ("boolean" as const) : ("string" as const), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    const before = values.get(token.name) ?? [];
    const problem =
      flag === undefined
        ? unknownFlag(token.rawName, flags)
        : valueProblem(token.rawName, flag, token.value, token.inlineValue ?? false, before);
    if (problem === undefined) values.set(token.name, [...before, token.value ?? ""]);
    else problems.push(problem);
  }
  return new Arguments(values, operands, problems);
}

function unknownFlag(rawName: string, flags: Flags): string {
  const names = Object.keys(flags).map((name) => `--${name}`);
  const guess = suggestion(rawName, names);
  return guess === undefined
    ? `${rawName} is not an option; allowed are ${names.join(", ")}`
    : `${rawName} is not an option; did you mean ${guess}?`;
}

function valueProblem(
  name: string,
  flag: Flag,
  value: string | undefined,
  inline: boolean,
  before: readonly string[],
): string | undefined {
  if (flag.value === undefined) return value === undefined ? undefined : `${name} takes no value, got "${value}"`;
  // A value that looks like an option was most likely forgotten; --name=-value says that it is meant.
  if (value === undefined || value === "" || (!inline && value.startsWith("-"))) {
    const allowed = flag.choices === undefined ? "" : `: ${flag.choices.join(" or ")}`;
    return `${name} needs a value, ${flag.value}${allowed}`;
  }
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const guess = suggestion(value, flag.choices);
    const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
    return `${name} must be ${flag.choices.map((choice) => `"${choice}"`).join(" or ")}, got "${value}"${hint}`;
  }
  if (flag.repeatable !== true && before.length > 0) return `${name} is given more than once`;
  return undefined;
}

/** The options as lines of a help text. */
export function describeFlags(own: Flags): string {
  const rows = Object.entries({ ...own, ...COMMON }).map(([name, flag]) => ({
    left: `--${name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
    help: flag.help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows
    .map(({ left, help }) => `  ${left.padEnd(width)}  ${help.split("\n").join(`\n  ${" ".repeat(width)}  `)}`)
    .join("\n");
}
