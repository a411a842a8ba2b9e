import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findPython, type Python } from "./python.ts";

export interface PythonEnvironmentOptions {
  /** Tells one environment from another, for example `emulator`. */
  readonly name: string;
  /** Path of a requirements file that pins all packages, the transitive ones too. */
  readonly requirements: string;
  /** The minor versions of Python 3 that its packages run on, the best first. @default any that is new enough */
  readonly minors?: readonly number[];
  /** The folder of all environments. @default below node_modules/.cache */
  readonly cache?: string;
  /** Takes lines about the progress, without a newline. */
  readonly log: (line: string) => void;
}

/** The environment could not be made. */
export class PythonEnvironmentError extends Error {
  override readonly name = "PythonEnvironmentError";
}

const SCRIPT = fileURLToPath(new URL("environment.py", import.meta.url));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/glue-pipeline", import.meta.url));

/**
 * Gives the path of a Python that has the packages of a requirements file. They are installed once for each content of
 * the file and each version of Python, into a virtual environment below `node_modules/.cache`; asking for the same one
 * at the same time is safe.
 *
 * @throws PythonError where the machine has no Python that will do
 * @throws PythonEnvironmentError where the packages cannot be installed
 */
export async function ensurePythonEnvironment(options: PythonEnvironmentOptions): Promise<string> {
  const python = await findPython(process.env, options.minors);
  const folder = join(options.cache ?? CACHE, `${options.name}-${identityOf(python, options.requirements)}`);
  if (!existsSync(join(folder, "complete"))) {
    options.log(`Installing the packages of ${options.name} for Python ${python.version} (once)`);
    await make(folder, python, options);
  }
  return join(folder, "bin", "python");
}

function identityOf(python: Python, requirements: string): string {
  return createHash("sha256")
    .update(JSON.stringify([python.path, python.version, readFileSync(requirements, "utf8")]))
    .digest("hex")
    .slice(0, 12);
}

function make(folder: string, python: Python, { name, requirements, log }: PythonEnvironmentOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python.path, ["-I", SCRIPT, folder, requirements], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        for (const line of chunk.split("\n")) if (line.trim() !== "") log(`  ${line}`);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else {
        const why = text.trim() === "" ? `it ended with ${code ?? signal ?? "nothing"}` : text.trim();
        reject(new PythonEnvironmentError(`the packages of ${name} (${requirements}) could not be installed: ${why}`));
      }
    });
  });
}
