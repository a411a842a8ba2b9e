import { spawn } from "node:child_process";
import type { Io } from "./command.ts";

/** One of several checks. */
export interface Step {
  readonly title: string;
  /** False: it failed, and has said why. */
  readonly run: (io: Io) => Promise<boolean>;
}

/** Runs steps in order, up to the first that fails. */
export async function firstFailure(steps: readonly Step[], io: Io): Promise<Step | undefined> {
  for (const step of steps) {
    io.err(`▸ ${step.title}\n`);
    if (!(await step.run(io))) return step;
  }
  return undefined;
}

export interface ScriptOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Takes standard output in; it is passed on untouched unless given. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a tool's script with this Node, without a shell: the same on every platform. Gives its exit code. */
export function runScript(path: string, args: readonly string[], options: ScriptOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], {
      cwd: options.cwd,
      stdio: ["inherit", options.onOutput === undefined ? "inherit" : "pipe", "inherit"],
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => options.onOutput?.(text));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}
