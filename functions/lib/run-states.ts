/** One table of states for all that reads a run's state; a state that is in none of these lists fails the file. */
export const unfinishedStates: readonly string[] = ["STARTING", "WAITING", "RUNNING", "STOPPING"];

/** Ended by a fault, so that another run may succeed. STOPPED was somebody's decision, and TIMEOUT would come again. */
export const statesWorthAnotherRun: readonly string[] = ["FAILED", "ERROR", "EXPIRED"];
