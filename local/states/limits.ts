/** Limits of the language and of Step Functions. */

export const SECONDS = { min: 0, max: 99_999_999 };

/** Entries of an execution's history, its end included. */
export const MAX_HISTORY_EVENTS = 25_000;

/** Express executions keep no history: this bound is the interpreter's own, against loops without end. */
export const MAX_EXPRESS_EVENTS = 1_000_000;

export const EXPRESS_TIMEOUT_SECONDS = 300;

/** Iterations at once. */
export const MAX_INLINE_CONCURRENCY = 40;
export const MAX_DISTRIBUTED_CONCURRENCY = 10_000;
