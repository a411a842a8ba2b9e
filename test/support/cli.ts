import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs this copy of run.mjs instead of the project's. */
  readonly script?: string;
}

const RUN = fileURLToPath(new URL("../../cli/run.mjs", import.meta.url));
/** Set by npm or a CI; they would change where files are looked for and how lines look. */
const FOREIGN = ["npm_lifecycle_event", "npm_execpath", "INIT_CWD", "FORCE_COLOR", "NO_COLOR"];

/** Runs a command of the command line as a person would, in a process of its own. */
export const runCli = (args: readonly string[], { cwd, env, script = RUN }: CliOptions = {}): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
    const child = spawn(process.execPath, [script, ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
