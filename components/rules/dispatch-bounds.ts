/** What each number of `dispatch` may be. */
export const dispatchBounds = Object.freeze({
  // What Lambda lets a mapping of a queue ask for.
  maxFiles: { min: 1, max: 10_000 },
  // As large as an object can be.
  maxBytes: { min: 1, max: 5 * 1024 ** 4 },
  windowSeconds: { min: 0, max: 300 },
  // As many as Step Functions has open at once.
  maxConcurrentExecutions: { min: 0, max: 1_000_000 },
  ledgerRetentionDays: { min: 1, max: 3650 },
});
