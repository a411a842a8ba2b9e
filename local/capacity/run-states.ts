/** States of a run by number; those from `succeeded` on are final. */
export const stateNames = [
  "STARTING",
  "WAITING",
  "RUNNING",
  "STOPPING",
  "SUCCEEDED",
  "FAILED",
  "TIMEOUT",
  "STOPPED",
] as const;

export const state = {
  starting: 0,
  waiting: 1,
  running: 2,
  stopping: 3,
  succeeded: 4,
  failed: 5,
  timeout: 6,
  stopped: 7,
};

export const isFinal = (code: number): boolean => code >= state.succeeded;

export const hasGoneWrong = (code: number): boolean => code > state.succeeded;

/** Why a run was refused. */
export const refused = { byJob: -1, byAccount: -2 } as const;
