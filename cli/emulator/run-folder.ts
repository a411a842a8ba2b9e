import { mkdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { commandLineOf, isAlive } from "./process.ts";

/** What the launcher says of the emulator that runs in a folder. */
export interface Running {
  readonly pid: number;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly persist: boolean;
  /** Names of the mends. */
  readonly mends: readonly string[];
}

/** The folder cannot be used. */
export class RunFolderError extends Error {
  override readonly name = "RunFolderError";
}

/** Where the emulator of a port has its log, its state and its temporary files. */
export const runFolder = (port: number): string => join(tmpdir(), `glue-pipeline-emulator-${port}`);

export const logFile = (folder: string): string => join(folder, "emulator.log");

/**
 * Makes the folder, for this user alone.
 *
 * @throws RunFolderError where somebody else has made it
 */
export function makeRunFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = statSync(folder).uid;
  if (owner !== userInfo().uid) throw new RunFolderError(`${folder} belongs to another user (${owner})`);
}

/** The emulator that was started in a folder and is still alive. */
export function runningIn(folder: string): Running | undefined {
  const running = readRunning(folder);
  if (running === undefined || !isAlive(running.pid)) return undefined;
  // The number of a process that has ended may be another one's by now.
  const line = commandLineOf(running.pid) ?? "";
  return line.includes("launcher.py") && line.includes(`--folder=${folder} `) ? running : undefined;
}

function readRunning(folder: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "emulator.json"), "utf8")) as Running;
  } catch {
    return undefined;
  }
}
