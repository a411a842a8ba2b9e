import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { stacksOf } from "../../local/stack-config.ts";
import type { Arguments, Flags } from "./flags.ts";
import { suggestion } from "../../components/suggestion.ts";

/** A stack of a Pulumi program, with config values that hold for this run only. */
export interface Program {
  readonly directory: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
}

export const programFlags: Flags = {
  stack: { value: "NAME", help: "the stack to take the config of (default: local)" },
  program: { value: "DIR", help: "the folder of another Pulumi program (default: this project)" },
  set: { value: "KEY=VALUE", repeatable: true, help: "override a config value of the stack for this run; repeatable" },
};

const OWN_PROGRAM = fileURLToPath(new URL("../..", import.meta.url));

/** Reads the options that every command on a program has, and finds what is wrong with them. */
export function programFrom(
  flags: Arguments,
  cwd: string,
  usualStack = "local",
): Program & { readonly problems: readonly string[] } {
  const given = flags.text("program");
  const directory = given === undefined ? OWN_PROGRAM : resolve(cwd, given);
  const stack = flags.text("stack") ?? usualStack;
  const problems: string[] = [];
  if (!existsSync(join(directory, "Pulumi.yaml"))) {
    problems.push(`--program must be a folder with a Pulumi.yaml, got "${given ?? directory}"`);
  } else {
    problems.push(...stackProblems(directory, stack));
  }
  const config: Record<string, string> = {};
  for (const setting of flags.list("set")) {
    const split = setting.indexOf("=");
    if (split < 1) problems.push(`--set must be KEY=VALUE, got "${setting}"`);
    else config[setting.slice(0, split)] = setting.slice(split + 1);
  }
  const program = { directory, stack, config };
  return {
    ...program,
    problems: [...problems, ...keyProblems("--set", directory, Object.keys(config))],
  };
}

function stackProblems(directory: string, stack: string): readonly string[] {
  const stacks = stacksOf(directory);
  if (stacks.includes(stack)) return [];
  const guess = suggestion(stack, stacks);
  const known = stacks.length === 0 ? "there is no Pulumi.STACK.yaml" : `there are ${stacks.join(", ")}`;
  return [
    `--stack: "${stack}" is not a stack of this program; ${guess === undefined ? known : `did you mean ${guess}?`}`,
  ];
}

/** A key that is not among those that Pulumi.yaml declares would be ignored without a word. */
export function keyProblems(option: string, directory: string, keys: readonly string[]): readonly string[] {
  const { name: project, config: declared } = projectFile(directory);
  const own = `${String(project)}:`;
  const known = Object.keys(declared ?? {}).map((key) => withoutPrefix(key, own));
  if (known.length === 0) return [];
  return keys.flatMap((key) => {
    const name = withoutPrefix(key, own);
    if (name.includes(":") || known.includes(name)) return [];
    const guess = suggestion(name, known);
    const hint = guess === undefined ? `there are ${known.join(", ")}` : `did you mean ${guess}?`;
    return [`${option}: "${name}" is not a config key of this program; ${hint}`];
  });
}

interface ProjectFile {
  readonly name?: unknown;
  readonly config?: Readonly<Record<string, unknown>> | null;
}

/** Nothing, if it cannot be read: evaluating the program says why. */
function projectFile(directory: string): ProjectFile {
  try {
    return (parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) ?? {}) as ProjectFile;
  } catch {
    return {};
  }
}

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;
