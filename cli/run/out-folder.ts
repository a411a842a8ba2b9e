import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../lib/command.ts";

const MARKER = ".embedded-cloud";
const NOTE = "The embedded cloud keeps its objects in this folder and empties it whenever it starts.\n";

/** Says what speaks against a folder for the objects of a run. */
export function outFolderProblem(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return `--out must be a folder, and ${folder} is a file`;
  const entries = readdirSync(folder);
  // Whatever else is in there is somebody's.
  return entries.length === 0 || entries.includes(MARKER)
    ? undefined
    : `--out must be a new or empty folder or one of an earlier run, and ${folder} holds other files`;
}

/** Makes the folder, empty: each run starts with empty buckets, or it would not come out the same each time. */
export function prepareOutFolder(folder: string): void {
  const problem = outFolderProblem(folder);
  if (problem !== undefined) throw new UsageError([problem]);
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    if (entry !== MARKER) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  writeFileSync(join(folder, MARKER), NOTE);
}
