import type { DuckDBConnection } from "@duckdb/node-api";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toolsFor } from "../../../cli/run/script-engine.ts";
import type { Summary } from "../../../functions/stand-ins/process-csv.ts";

const SCRIPTS = fileURLToPath(new URL("../../../scripts", import.meta.url));
const PROCESS_FILES = fileURLToPath(new URL("process_files.py", import.meta.url));

/** How a run ended, of the script or of its stand-in. */
export interface Result {
  readonly summary?: Readonly<Record<string, number>>;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Runs the job of scripts/process_csv.py for each folder in the folder: see process_files.py. */
export async function processFiles(folder: string): Promise<void> {
  const log: string[] = [];
  const { python, javaHome = "" } = await toolsFor({ GlueVersion: "5.1", Command: "glueetl" }, (line) =>
    log.push(line),
  );
  const child = spawn(python, [PROCESS_FILES, SCRIPTS, folder], {
    env: { ...process.env, JAVA_HOME: javaHome, PYSPARK_PYTHON: python },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (told += text));
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`process_files.py ended with ${String(code)}:\n${told.slice(-4000)}`);
}

/** How a run of the stand-in ends. */
export async function resultOf(run: Promise<Summary>): Promise<Result> {
  try {
    return { summary: { ...(await run) } };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // What Python calls a ValueError has no name of its own in the stand-in.
    return { error: { name: error.name === "Error" ? "ValueError" : error.name, message: error.message } };
  }
}

/** Both wrote the same, but not the same bytes of Parquet. */
export function countsIn({ summary }: Result): unknown {
  return { ...summary, bytesOut: undefined };
}

export async function tableIn(duckDb: DuckDBConnection, path: string): Promise<{ columns: unknown; rows: unknown }> {
  const answer = await duckDb.runAndReadAll(`SELECT * FROM read_parquet('${path}', hive_partitioning = false)`);
  const types = answer.columnTypes().map(String);
  return {
    columns: answer.columnNames().map((name, index) => [name, types[index]]),
    rows: answer.getRowsJS(),
  };
}

export const readIfThere = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;
