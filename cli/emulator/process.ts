import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Whether a process, or with a negative number a process group, has anyone alive in it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Ended, but its parent has not asked how: in a container that may last for ever. */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux" || pid < 0) return false;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The command line of a process, its words joined by spaces. Undefined: there is no such process, or no `ps`. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return undefined;
    }
  }
  const { error, stdout } = spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
  return error !== undefined || stdout.trim() === "" ? undefined : stdout.trim();
}

const STEP_MS = 20;
/** Nobody withstands SIGKILL for long; what stays are zombies. */
const KILLED_WITHIN_MS = 1_000;

/**
 * Ends a process group: asks its leader first, which may take its time to save what it holds, then ends all that is
 * left. Resolves when nobody is alive any more.
 */
export async function endGroup(leader: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  send(leader, signal);
  await goneWithin(() => isAlive(leader), graceMs);
  send(-leader, "SIGKILL");
  await goneWithin(() => isAlive(-leader), KILLED_WITHIN_MS);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

async function goneWithin(isThere: () => boolean, ms: number): Promise<void> {
  for (let waited = 0; waited < ms && isThere(); waited += STEP_MS) await pause(STEP_MS);
}
