import type { PhaseName } from "./result.ts";

/** In the order of a file's way. */
export const phaseNames: readonly PhaseName[] = [
  "batching",
  "queued",
  "dispatching",
  "waiting for a run",
  "starting up",
  "running",
  "noticing the end",
  "retrying",
  "other steps",
];

/** Places in `phaseNames`. */
export const phase = {
  batching: 0,
  queued: 1,
  dispatching: 2,
  waiting: 3,
  startingUp: 4,
  running: 5,
  noticing: 6,
  retrying: 7,
  other: 8,
} as const;

export const phaseCount = phaseNames.length;
