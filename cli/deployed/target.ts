import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Arguments, Flags } from "../lib/flags.ts";

/** A stack of a Pulumi program, as Pulumi knows it. */
export interface Target {
  readonly directory: string;
  readonly stack: string;
}

export const targetFlags: Flags = {
  stack: { value: "NAME", help: "the deployed stack (default: local)" },
  program: { value: "DIR", help: "the folder of another Pulumi program (default: this project)" },
};

const OWN_PROGRAM = fileURLToPath(new URL("../..", import.meta.url));

/** Which stacks there are is for Pulumi to say: one may be deployed that has no file here. */
export function targetFrom(flags: Arguments, cwd: string): Target & { readonly problems: readonly string[] } {
  const given = flags.text("program");
  const directory = given === undefined ? OWN_PROGRAM : resolve(cwd, given);
  const problems = existsSync(join(directory, "Pulumi.yaml"))
    ? []
    : [`--program must be a folder with a Pulumi.yaml, got "${given ?? directory}"`];
  return { directory, stack: flags.text("stack") ?? "local", problems };
}
