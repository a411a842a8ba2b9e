import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../lib/command.ts";
import { LOCK, lockProblem, takeLock } from "./out-lock.ts";

const MARKER = ".embedded-cloud";
const NOTE = "The embedded cloud keeps its objects in this folder and empties it whenever it starts.\n";

/** Says what speaks against a folder for the objects of a run. */
export function outFolderProblem(folder: string): string | undefined {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) return isBelowFile(folder) ? `--out: ${folder} cannot be used: ${BELOW_FILE}` : undefined;
    if (!stats.isDirectory()) return `--out must be a folder, and ${folder} is a file`;
    const entries = readdirSync(folder);
    // Whatever else is in there is somebody's.
    return entries.length === 0 || entries.includes(MARKER)
      ? lockProblem(folder)
      : `--out must be a new or empty folder or one of an earlier run, and ${folder} holds other files`;
  } catch (error) {
    return unusable(folder, error);
  }
}

/**
 * Makes the folder, empty, and keeps it for this process: each run starts with empty buckets, or it would not come out
 * the same each time.
 */
export function prepareOutFolder(folder: string): void {
  const problem = outFolderProblem(folder) ?? makeEmpty(folder);
  if (problem !== undefined) throw new UsageError([problem]);
}

function makeEmpty(folder: string): string | undefined {
  try {
    makeFolder(folder);
    writeFileSync(join(folder, MARKER), NOTE);
    const taken = takeLock(folder);
    if (taken !== undefined) return taken;
    for (const entry of readdirSync(folder)) {
      if (entry !== MARKER && entry !== LOCK) rmSync(join(folder, entry), { recursive: true, force: true });
    }
    return undefined;
  } catch (error) {
    return unusable(folder, error);
  }
}

/** Older Nodes throw for such a path, newer ones say only that there is nothing. */
function isBelowFile(folder: string): boolean {
  const parent = dirname(folder);
  const stats = statSync(parent, { throwIfNoEntry: false });
  return stats === undefined ? parent !== folder && isBelowFile(parent) : !stats.isDirectory();
}

/** Level by level, because Node's recursive way never comes to an end in a file system like /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

const BELOW_FILE = "part of the path is a file";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  ENOENT: "no folder can be made there",
  ENOTDIR: BELOW_FILE,
  ENOSPC: "the disk is full",
  EROFS: "its file system is read-only",
};

function unusable(folder: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return `--out: ${folder} cannot be used: ${REASONS[code] ?? String(error)}`;
}
