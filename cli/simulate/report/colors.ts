import type { PhaseName } from "../../../local/capacity/result.ts";

/** What waits is warm, what works is cool. */
export const PHASE_COLORS: Readonly<Record<PhaseName, string>> = {
  batching: "var(--c-amber)",
  queued: "var(--c-orange)",
  dispatching: "var(--c-purple)",
  "waiting for a run": "var(--c-red)",
  "starting up": "var(--c-teal)",
  running: "var(--c-green)",
  "noticing the end": "var(--c-blue)",
  retrying: "var(--c-pink)",
  "other steps": "var(--c-grey)",
};
