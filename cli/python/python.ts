import { execFile } from "node:child_process";

/** An interpreter that will do. */
export interface Python {
  /** Absolute. */
  readonly path: string;
  /** For example `3.11.7`. */
  readonly version: string;
}

/** The machine has no Python that will do. */
export class PythonError extends Error {
  override readonly name = "PythonError";
}

/** What an executable turned out to be. */
export type Probe =
  | { readonly command: string; readonly path: string; readonly version: string; readonly hasPip: boolean }
  | { readonly command: string; readonly problem: string };

const LOWEST: readonly [number, number] = [3, 10];
const COMMANDS = ["python3", "python", "python3.13", "python3.14", "python3.12", "python3.11", "python3.10"];

// Debian has Python without what makes environments; the real executable, because a shim may change its mind.
const QUESTION = `
import importlib.util as i, json, os, platform, sys
has_pip = all(i.find_spec(name) for name in ("venv", "ensurepip"))
print(json.dumps([os.path.realpath(sys.executable) if sys.prefix == sys.base_prefix else sys.executable, platform.python_version(), has_pip]))
`;

/**
 * The first Python on PATH that is new enough, or one of the minor versions of Python 3 that are given, and can make
 * virtual environments.
 *
 * @throws PythonError naming what was found and what is needed
 */
export async function findPython(
  env: Readonly<Record<string, string | undefined>> = process.env,
  minors?: readonly number[],
): Promise<Python> {
  const probes: Probe[] = [];
  const own = minors?.map((minor) => `python3.${minor}`) ?? [];
  for (const command of [...own, ...COMMANDS.filter((name) => !own.includes(name))]) {
    const probe = await probePython(command, env);
    if (probe === undefined) continue;
    if (isUsable(probe) && isOneOf(probe.version, minors)) return { path: probe.path, version: probe.version };
    probes.push(probe);
  }
  throw new PythonError(noPython(probes, minors));
}

const isOneOf = (version: string, minors: readonly number[] | undefined): boolean =>
  minors?.some((minor) => version.startsWith(`3.${minor}.`)) ?? true;

const isUsable = (probe: Probe): probe is Extract<Probe, { path: string }> =>
  "path" in probe && isNewEnough(probe.version) && probe.hasPip;

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LOWEST[0] || (major === LOWEST[0] && minor >= LOWEST[1]);
}

/** What to say when nothing found will do. */
export function noPython(probes: readonly Probe[], minors?: readonly number[]): string {
  const found = probes.map((probe) => {
    if ("problem" in probe) return `${probe.command} does not run (${probe.problem})`;
    const what = `${probe.command} is ${probe.version}`;
    return isNewEnough(probe.version) && !probe.hasPip
      ? `${what} without venv (on Debian and Ubuntu: apt install python3-venv)`
      : what;
  });
  const wanted = minors?.map((minor) => `3.${minor}`).join(" or ") ?? `${LOWEST.join(".")} or newer`;
  const needed = `Python ${wanted} is needed on PATH`;
  return found.length === 0 ? `${needed}; found none` : `${needed}; found: ${found.join(", ")}`;
}

/** Undefined: there is no such command. */
function probePython(command: string, env: Readonly<Record<string, string | undefined>>): Promise<Probe | undefined> {
  return new Promise((resolve) => {
    execFile(command, ["-I", "-c", QUESTION], { env, timeout: 10_000 }, (error, stdout, stderr) => {
      if (error !== null && "code" in error && error.code === "ENOENT") {
        resolve(undefined);
      } else if (error !== null) {
        const said = stderr.trim().split("\n").at(-1) ?? "";
        resolve({ command, problem: said === "" ? `it ended with ${error.signal ?? error.code ?? "nothing"}` : said });
      } else {
        resolve(answerIn(stdout, command));
      }
    });
  });
}

/** A wrapper may say something of its own. */
function answerIn(text: string, command: string): Probe {
  try {
    const [path, version, hasPip] = JSON.parse(text) as [string, string, boolean];
    return { command, path, version, hasPip };
  } catch {
    return { command, problem: `it answers "${text.trim().slice(0, 80)}"` };
  }
}
