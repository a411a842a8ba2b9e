import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLineOf, isAlive } from "../emulator/process.ts";

/** Who runs in a folder. */
interface Holder {
  readonly pid: number;
  /** Another process may have got the number of one that was killed. Undefined where it cannot be told. */
  readonly command?: string | undefined;
}

export const LOCK = ".embedded-cloud.lock";

/** What speaks against a run in a folder that another process may be using. */
export function lockProblem(folder: string): string | undefined {
  const holder = holderOf(folder);
  return holder !== undefined && isRunning(holder) ? takenBy(holder, folder) : undefined;
}

/**
 * Takes a folder for this process until it exits; what a killed process has left behind is taken over. Gives what speaks
 * against it.
 */
export function takeLock(folder: string): string | undefined {
  const before = holderOf(folder);
  if (before !== undefined && isRunning(before)) return takenBy(before, folder);
  const path = join(folder, LOCK);
  if (before !== undefined) rmSync(path, { force: true });
  const holder: Holder = { pid: process.pid, command: commandLineOf(process.pid) };
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: "wx" });
  } catch (error) {
    // By somebody who started at the same moment.
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return taken(folder, "");
    throw error;
  }
  process.once("exit", () => {
    rmSync(path, { force: true });
  });
  return undefined;
}

const takenBy = ({ pid }: Holder, folder: string): string => taken(folder, ` (process ${pid})`);

const taken = (folder: string, by: string): string =>
  `--out: ${folder} is in use by another npm start${by}: wait until it has ended, or keep this one's buckets in another folder with --out DIR`;

function holderOf(folder: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, LOCK), "utf8");
  } catch {
    return undefined;
  }
  const { pid = 0, command } = parsed(text);
  return { pid, command };
}

/** Half a file is what a process leaves that is killed while it writes. */
function parsed(text: string): Partial<Holder> {
  try {
    return JSON.parse(text) as Partial<Holder>;
  } catch {
    return {};
  }
}

function isRunning({ pid, command }: Holder): boolean {
  // Signals to 0 would be to this process and its group.
  if (pid <= 0 || pid === process.pid || !isAlive(pid)) return false;
  return command === undefined || commandLineOf(pid) === command;
}
