import { runCommand } from "../../cli/lib/command.ts";
import { command } from "../../cli/start.ts";
import { projectDirectory } from "./stacks.ts";

interface Started {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm start` in this process, as if nobody looked. */
export const startInProcess = async (...args: readonly string[]): Promise<Started> => {
  let stdout = "";
  let stderr = "";
  const code = await runCommand(command, args, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    cwd: projectDirectory,
    env: {},
    isTerminal: false,
    columns: Infinity,
    now: Date.now,
  });
  return { code, stdout, stderr };
};
