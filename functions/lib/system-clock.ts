import { setTimeout as sleepFor } from "node:timers/promises";

/** The time of the machine that a function runs on: the one place where handlers get it from. */
export function systemClock(): number {
  return new Date().getTime();
}

/** Waits on the machine's clock. */
export async function systemSleep(ms: number): Promise<void> {
  await sleepFor(ms);
}
