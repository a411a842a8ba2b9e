import { join } from "node:path";
import { glueRuntime, pythonShellRequirements } from "../../local/engine/glue-runtime.ts";
import { LocalScriptEngine, type ScriptTools } from "../../local/engine/local-script-engine.ts";
import type { ScriptEngine, ScriptRun } from "../../local/engine/script-run.ts";
import { jobsWithScripts } from "../../local/engine/stand-in-scripts.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ensurePythonEnvironment } from "../python/python-environment.ts";
import { findJava } from "./java.ts";

type Kind = Pick<ScriptRun, "GlueVersion" | "Command">;

export interface EngineOptions {
  readonly graph: ResourceGraph;
  /** The folder of the run; the engine keeps logs and bookmarks below it. */
  readonly out: string;
  /** The wall's clock, in milliseconds. */
  readonly now: () => number;
  /** Takes lines about what is installed. */
  readonly log: (line: string) => void;
  /** Takes what the scripts print. */
  readonly onLine?: (line: string, run: ScriptRun) => void;
}

/** The program's scripts cannot be run here. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/**
 * An engine for the scripts of a program's jobs. What they need is looked for and installed now, so that what is missing
 * is told before anything happens.
 *
 * @throws EngineError, PythonError, PythonEnvironmentError or JavaError naming what is missing
 */
export async function createScriptEngine({ graph, out, now, log, onLine }: EngineOptions): Promise<ScriptEngine> {
  const jobs = jobsWithScripts(graph);
  if (jobs.length === 0) {
    throw new EngineError(
      `--engine spark runs the scripts of jobs, and stack ${graph.stack} has none that does its work: a simulated job needs a stand-in to be replaced; try --stack prod`,
    );
  }
  const known = new Map<string, ScriptTools>();
  for (const kind of jobs) {
    if (!known.has(idOf(kind))) known.set(idOf(kind), await toolsFor(kind, log));
  }
  return new LocalScriptEngine({
    folder: join(out, ENGINE_FOLDER),
    now,
    tools: async (kind) => known.get(idOf(kind)) ?? (await toolsFor(kind, log)),
    ...(onLine !== undefined && { onLine }),
  });
}

/** Below the folder of the buckets; no bucket's name begins with a dot. */
const ENGINE_FOLDER = ".glue";

const idOf = ({ GlueVersion, Command }: Kind): string => (Command === "pythonshell" ? Command : GlueVersion);

/** What a kind of job is run with, installed at its first use. */
export async function toolsFor({ GlueVersion, Command }: Kind, log: (line: string) => void): Promise<ScriptTools> {
  if (Command === "pythonshell") {
    const options = { name: "python-shell", requirements: pythonShellRequirements, log };
    return { python: await ensurePythonEnvironment(options) };
  }
  const runtime = glueRuntime(GlueVersion);
  const javaHome = await findJava(runtime.java);
  const python = await ensurePythonEnvironment({
    name: `glue-${GlueVersion}`,
    requirements: runtime.requirements,
    minors: runtime.pythonMinors,
    log: (line) => {
      log(line.startsWith("Installing") ? `${line}: Spark ${runtime.spark}, some 300 MB to download` : line);
    },
  });
  return { python, javaHome };
}
